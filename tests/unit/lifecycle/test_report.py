"""With --json a command writes exactly one document, however it ends."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from pilothouse import cli
from pilothouse.contract import Capability, Contract
from pilothouse.errors import PilothouseError, Refused
from pilothouse.lifecycle import commands
from pilothouse.lifecycle.report import Report

Deed = Callable[[Report], None]


def ended(deed: Deed, *, as_json: bool = True) -> tuple[int, str, str]:
    """The exit code, standard output and standard error of a command that does `deed`."""
    app = typer.Typer()

    @app.command()
    def run() -> None:
        with cli._reported(as_json) as report:
            deed(report)

    result = CliRunner().invoke(app)
    return result.exit_code, result.stdout, result.stderr


def test_what_was_found_and_the_error_are_one_document() -> None:
    def deed(report: Report) -> None:
        report.document({"changes": {"update": 1}})
        raise PilothouseError("no changes were expected")

    code, out, err = ended(deed)
    assert (code, json.loads(out)["error"]) == (1, "no changes were expected")
    assert json.loads(out)["changes"] == {"update": 1}
    assert "no changes were expected" in err
    assert ended(deed, as_json=False)[1] == ""


def test_an_error_alone_is_a_document_and_so_is_an_outcome_alone() -> None:
    def refused(report: Report) -> None:
        raise Refused("nobody is there to ask")

    document = json.loads(ended(refused)[1])
    assert document == {"error": "nobody is there to ask", "exit_code": 2, "problems": []}
    assert json.loads(ended(lambda report: report.document({"a": 1}))[1]) == {"a": 1}


def test_what_is_not_foreseen_hides_no_outcome() -> None:
    def broken(report: Report) -> None:
        report.document({"a": 1})
        raise ZeroDivisionError

    assert json.loads(ended(broken)[1]) == {"a": 1}


class Stack:
    """A stack that is accessible as it is."""

    @property
    def operations(self) -> Stack:
        return self

    def contract(self) -> Contract:
        empty = Capability(uri="", console="")
        return Contract(storage=empty, compute=empty, tracking=empty, orchestration=empty)

    @contextmanager
    def accessible(self, contract: Contract) -> Iterator[Contract]:
        yield contract


def test_ports_are_told_of_while_they_are_open_and_an_error_after_that_is_no_second_document(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stack: Any = Stack()
    told: list[str] = []

    def wait() -> None:
        told.append(capsys.readouterr().out)
        raise PilothouseError("the cluster does not answer")

    with pytest.raises(typer.Exit), cli._reported(True) as report:
        commands.open_ports.run(stack, report, show_secrets=False, wait=wait)
    assert json.loads(told[0])["tracking"]["uri"] == ""
    assert capsys.readouterr().out == ""
