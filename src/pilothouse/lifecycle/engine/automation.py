"""The Pulumi engine on one stack, through the Automation API."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pilothouse.config import stack_file
from pilothouse.errors import PilothouseError
from pilothouse.lifecycle.engine import backend_locks
from pilothouse.lifecycle.engine.backend_locks import Lock
from pilothouse.lifecycle.engine.project import Project, backend_url, state_folder
from pilothouse.program.load import STACKS_FOLDER

if TYPE_CHECKING:
    from pulumi.automation import LocalWorkspace, Stack
    from pulumi.automation.events import EngineEvent

PATIENCE = 600.0  # seconds to wait for another process that is at work on the stack

OnEvent = Callable[["EngineEvent"], None]


class EngineFailed(PilothouseError):
    """The engine ended with an error; what it said is the message."""


class NotSetUp(PilothouseError):
    """The stack has never been set up, or was taken away."""


@dataclass(frozen=True, kw_only=True)
class Applied:
    """What an `up` did: how many resources by operation, and the stack's outputs."""

    changes: dict[str, int]
    outputs: dict[str, Any]


class Engine:
    """One stack. Its file in stacks/ is never written: the engine gets a copy."""

    def __init__(self, project: Project, stack: str, variables: Mapping[str, str]) -> None:
        self.project, self.stack = project, stack
        self._variables = dict(variables)
        # The Automation API looks for `pulumi` on the PATH of this process.
        os.environ["PATH"] = self._variables["PATH"]
        self._backend = backend_url(variables)

    def pulumi_version(self) -> str:
        """The version of the `pulumi` that is used."""
        return str(self._workspace.pulumi_version)

    def exists(self) -> bool:
        """Whether the backend knows the stack."""
        with self._failures(_ignore):
            known = self._workspace.list_stacks()
        return any(summary.name == self.stack for summary in known)

    def preview(self, on_event: OnEvent, *, refresh: bool = False) -> dict[str, int]:
        """How many resources an `up` would create, update, delete, keep, by operation."""
        with self._failures(on_event) as listen:
            stack = self._selected(create=True)
            result = stack.preview(
                on_event=listen, refresh=refresh, config_file=self._config(), **_QUIET
            )
        return _counts(result.change_summary)

    def up(
        self, on_event: OnEvent, variables: Mapping[str, str], before: Mapping[str, Any]
    ) -> Applied:
        """Make the stack what the program says, seen against what really is there.

        `variables` are added to the environment; `before` is the `deployment` as it is now.
        """
        self._workspace.env_vars = {**self._variables, **variables}
        with self._failures(on_event) as listen:
            stack = self._without_pending(before)
            result = stack.up(on_event=listen, refresh=True, config_file=self._config(), **_QUIET)
        return Applied(
            changes=_counts(result.summary.resource_changes or {}),
            outputs={name: output.value for name, output in result.outputs.items()},
        )

    def destroy(
        self, on_event: OnEvent, variables: Mapping[str, str], *, keep: Collection[str] = ()
    ) -> None:
        """Delete every resource, then the stack; `variables` are added to the environment.

        With `keep`, resources by URN, these and what they stand on stay in the stack.
        """
        self._workspace.env_vars = {**self._variables, **variables}
        if keep:
            self._destroy_all_but(keep, on_event)
            return
        with self._failures(on_event) as listen:
            stack = self._selected()
            stack.destroy(on_event=listen, config_file=self._config(), **_QUIET)
            self._workspace.remove_stack(self.stack, preserve_config=True)
        self._remove_backups()

    def _destroy_all_but(self, keep: Collection[str], on_event: OnEvent) -> None:
        resources = self.resources()
        stay = stands_on(resources, keep)
        # No target at all would mean everything.
        if goes := [each["urn"] for each in resources if each["urn"] not in stay]:
            with self._failures(on_event) as listen:
                self._selected().destroy(
                    on_event=listen, config_file=self._config(), target=goes, **_QUIET
                )

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs with their secrets; NotSetUp if there are none."""
        with self._failures(_ignore):
            values = self._workspace.stack_outputs(self.stack)
        if "contract" not in values:
            raise NotSetUp(f"stack {self.stack} is not set up: run `pilothouse up {self.stack}`")
        return {name: output.value for name, output in values.items()}

    def resources(self) -> list[dict[str, Any]]:
        """What the state holds, as the engine writes it."""
        return list(self.deployment().get("resources") or [])

    def deployment(self) -> dict[str, Any]:
        """The whole state, as the engine writes it; empty where the stack is not known."""
        from pulumi.automation import StackNotFoundError

        with self._failures(_ignore):
            try:
                return dict(self._workspace.export_stack(self.stack).deployment or {})
            except StackNotFoundError:
                return {}

    def take_over(self, on_wait: Callable[[Lock], None]) -> list[Lock]:
        """Clear the locks of dead processes; StackBusy if a live one stays."""
        return backend_locks.clear_stale(
            self._backend, self.project.name, self.stack, patience=PATIENCE, on_wait=on_wait
        )

    def _remove_backups(self) -> None:
        """What a removed stack leaves in a backend that is this clone's own."""
        state = state_folder(self._backend)
        if state is None or self._variables.get("PULUMI_BACKEND_URL") != self._backend:
            return
        for kind in ("backups", "history", "locks/organization"):
            shutil.rmtree(state / kind / self.project.name / self.stack, ignore_errors=True)
        for path in (state / "stacks" / self.project.name).glob(f"{self.stack}.json*"):
            path.unlink()

    @cached_property
    def _workspace(self) -> LocalWorkspace:
        from pulumi.automation import LocalWorkspace

        return LocalWorkspace(work_dir=str(self.project.root), env_vars=self._variables)

    def _selected(self, *, create: bool = False) -> Stack:
        from pulumi.automation import Stack

        choose = Stack.create_or_select if create else Stack.select
        return choose(self.stack, self._workspace)

    def _config(self) -> str:
        """A copy of the stack's file: the engine writes its salt there."""
        source = self._stack_file()
        copy = stack_file.path_of(self.project.folder / STACKS_FOLDER, self.stack)
        copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        copy.write_bytes(source.read_bytes())
        return str(copy)

    def _stack_file(self) -> Path:
        return stack_file.path_of(self.project.root / STACKS_FOLDER, self.stack)

    def _without_pending(self, before: Mapping[str, Any]) -> Stack:
        """The stack, made if need be, without the creates that a killed run began.

        Made again, they adopt what is there, or the target has removed it.
        """
        if not before:
            return self._selected(create=True)
        stack = self._selected()
        if before.get("pending_operations"):
            stack.refresh(clear_pending_creates=True, config_file=self._config(), **_QUIET)
        return stack

    @contextmanager
    def _failures(self, on_event: OnEvent) -> Iterator[OnEvent]:
        from pulumi.automation import CommandError, StackNotFoundError

        said: list[str] = []

        def listen(event: EngineEvent) -> None:
            if event.diagnostic_event and event.diagnostic_event.severity == "error":
                said.append(plain(event.diagnostic_event))
            on_event(event)

        try:
            with _unchanged(self._stack_file()):
                yield listen
        except StackNotFoundError as error:
            message = f"stack {self.stack} is not set up: run `pilothouse up {self.stack}`"
            raise NotSetUp(message) from error
        except CommandError as error:
            raise EngineFailed("\n".join(said) or str(error).strip()) from error


_QUIET: dict[str, Any] = {"suppress_outputs": True, "suppress_progress": True}


def stands_on(resources: Sequence[Mapping[str, Any]], keep: Collection[str]) -> set[str]:
    """The URNs of `keep` and of all that these need: parents, providers, dependencies."""
    known = {each["urn"]: each for each in resources}
    found, new = set[str](), set(keep) & set(known)
    while new:
        found |= new
        new = {need for urn in new for need in _needs(known[urn])} & set(known) - found
    return found


def _needs(resource: Mapping[str, Any]) -> Iterator[str]:
    yield resource.get("parent", "")
    yield resource.get("provider", "").rpartition("::")[0]  # it ends with the provider's id
    yield from resource.get("dependencies") or ()
    for urns in (resource.get("propertyDependencies") or {}).values():
        yield from urns or ()


def _counts(changes: Mapping[Any, int]) -> dict[str, int]:
    """Operations by their names; the SDK gives some as text, some as its own enum."""
    return {str(getattr(op, "value", op)): count for op, count in changes.items()}


def _ignore(_event: EngineEvent) -> None:
    pass


def plain(event: Any) -> str:
    """A diagnostic without the engine's colour marks and gRPC's preamble."""
    text = event.message.replace("<{%reset%}>", "").replace("<{%fg 1%}>", "")
    return str(text.replace("Exception calling application: ", "").strip())


@contextmanager
def _unchanged(file: Path) -> Iterator[None]:
    """Put `file` back as it was: some commands write a salt into it."""
    before = file.read_bytes()
    try:
        yield
    finally:
        if file.read_bytes() != before:
            file.write_bytes(before)
