"""How a command's outcome is shown: text for people, one JSON document for programs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pilothouse.contract import Contract
from pilothouse.errors import InvalidInput, PilothouseError
from pilothouse.lifecycle.data_loss import DataLoss
from pilothouse.lifecycle.images.lock import Locked
from pilothouse.lifecycle.proof.verify import Proof
from pilothouse.lifecycle.teardown import TeardownProof
from pilothouse.targets.interface import Check, Leftover, ServiceStatus

WIDTH = 160
"""The width of tables, in characters, where no terminal has one."""

HIDDEN = "(hidden; --show-secrets shows it)"


class Report:
    """Text goes to standard output; with `as_json` it goes to standard error, JSON to output.

    The JSON is one document, written by `close`: what a command found, and its error if it ends in
    one.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self._document: dict[str, Any] = {}
        self._closed = False
        self.console = Console(stderr=as_json, soft_wrap=True)
        if not self.console.is_terminal and "COLUMNS" not in os.environ:
            self.console.width = WIDTH

    def say(self, text: str) -> None:
        """A plain line."""
        self.console.print(escape(text), highlight=False)

    @contextmanager
    def working(self, text: str) -> Iterator[None]:
        """Say what takes a while: in a terminal as a line that goes with its end."""
        if not self.console.is_terminal:
            self.say(f"{text} …")
            yield
            return
        with self.console.status(escape(text)):
            yield

    def warnings(self, warnings: Iterable[str]) -> None:
        """A line for each thing that the program warned of."""
        for warning in warnings:
            self.console.print(f"[yellow]![/] {escape(warning)}", highlight=False)

    def document(self, document: Mapping[str, Any]) -> None:
        """A part of the outcome, for `close` to write if JSON was asked for."""
        self._document |= document

    @property
    def found(self) -> Mapping[str, Any]:
        """The outcome so far."""
        return self._document

    def close(self) -> None:
        """Write the outcome so far as JSON, once."""
        if self.as_json and self._document and not self._closed:
            json.dump(self._document, sys.stdout, indent=2, default=vars)
            sys.stdout.write("\n")
            sys.stdout.flush()
            self._closed = True

    def error(self, error: PilothouseError) -> None:
        """What went wrong, on standard error; with its problems one by one in JSON."""
        Console(stderr=True, soft_wrap=True).print(
            f"[red]error:[/] {escape(str(error))}", highlight=False
        )
        problems = error.problems if isinstance(error, InvalidInput) else ()
        self.document({"error": str(error), "exit_code": error.exit_code, "problems": problems})

    def checks(self, checks: Iterable[Check]) -> None:
        """One line for each check."""
        for check in checks:
            mark = "[green]✓[/]" if check.ok else "[red]✗[/]"
            remedy = "" if check.ok else f" — {check.remedy}"
            self._line(mark, check.name, f"{check.detail}{remedy}")

    def services(self, services: Iterable[ServiceStatus]) -> None:
        """One line for each service."""
        for service in services:
            colour = "green" if service.state == "running" else "red"
            self._line(f"[{colour}]{service.state}[/]", service.name, service.detail)

    def images(self, locked: Iterable[Locked]) -> None:
        """One line for each image; two digests where a tag has moved."""
        marks = {"new": "[green]+[/]", "moved": "[yellow]~[/]", "gone": "[red]-[/]"}
        for image in locked:
            moved = f"\n    locked as {image.before}" if image.state == "moved" else ""
            mark = marks.get(image.state, "·")
            self._line(mark, image.role, f"{image.now or image.before} {image.state}{moved}")

    def proof(self, proof: Proof) -> None:
        """Where the token of this run was found."""
        self.say(f"proved in {proof.seconds:.0f} s by run {proof.token}:")
        for evidence in proof.evidence:
            self._line("[green]✓[/]", evidence.place, evidence.found)

    def where(self, contract: Contract, *, show_secrets: bool) -> None:
        """Where people look, and how they log in."""
        for name, capability in contract:
            login = ""
            if capability.login:
                password = capability.login["password"] if show_secrets else HIDDEN
                login = f"user {capability.login['username']}, password {password}"
            self._line("→", name, f"{capability.console or capability.uri} {login}")

    def table(self, table: Table) -> None:
        """A table."""
        self.console.print(table, highlight=False)

    def losses(self, losses: Sequence[DataLoss]) -> None:
        """A line for each resource whose data would be lost."""
        for loss in losses:
            self.console.print(
                f"[red]! data would be lost:[/] {escape(str(loss))}", highlight=False
            )

    def teardown(self, proof: TeardownProof) -> None:
        """What was looked for after a teardown, and what was kept."""
        self._line("[green]✓[/]", "gone", f"no {', no '.join(proof.looked_for)} of it is left")
        for item in proof.kept:
            self._line("kept", item.kind, f"{item.name} {item.detail}")

    def _line(self, mark: str, name: str, detail: str) -> None:
        line = f"{mark} [bold]{escape(name)}[/] {escape(detail)}"
        self.console.print(line.rstrip(), highlight=False)


def leftover_document(leftovers: Iterable[Leftover]) -> list[dict[str, str]]:
    """Leftovers as JSON has them."""
    return [dict(vars(item)) for item in leftovers]


def contract_document(contract: Contract, *, show_secrets: bool) -> dict[str, Any]:
    """The contract as JSON has it; without `show_secrets`, the names of what is secret alone.

    Of people's passwords it has the names in any case: `pilothouse people` shows those.
    """
    hidden = ("people",) if show_secrets else ("people", "secrets", "login")
    return {
        name: {
            **vars(capability),
            "probes": [vars(probe) for probe in capability.probes],
            **{key: sorted(getattr(capability, key)) for key in hidden},
        }
        for name, capability in contract
    }


def format_changes(changes: Mapping[str, int]) -> str:
    """How many resources by operation, such as `create 3, same 4`."""
    return ", ".join(f"{op} {count}" for op, count in sorted(changes.items())) or "nothing to do"


def plural(count: int, noun: str) -> str:
    """`count` and the noun in its number, such as `1 process`, `2 processes`, `0 policies`."""
    if count == 1:
        return f"1 {noun}"
    if noun.endswith(("s", "x", "ch", "sh")):
        return f"{count} {noun}es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return f"{count} {noun[:-1]}ies"
    return f"{count} {noun}s"
