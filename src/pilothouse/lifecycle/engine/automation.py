"""The Pulumi engine on one stack, through the Automation API."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pilothouse.errors import PilothouseError
from pilothouse.lifecycle.engine import (
    backend_locks,
    damage,
    diagnostics,
    failure,
    interrupts,
    passphrase,
    stack_copy,
)
from pilothouse.lifecycle.engine.backend_locks import Lock
from pilothouse.lifecycle.engine.damage import Damage, StateDamaged
from pilothouse.lifecycle.engine.diagnostics import Diagnostics
from pilothouse.lifecycle.engine.patience import LimitOf, Patience
from pilothouse.lifecycle.engine.project import Project, backend_url
from pilothouse.lifecycle.engine.state import StackState
from pilothouse.lifecycle.engine.state_files import StateFiles

if TYPE_CHECKING:
    from pulumi.automation import LocalWorkspace, Stack
    from pulumi.automation.events import EngineEvent

PATIENCE = 600.0  # seconds to wait for another process that works on the stack

OnEvent = Callable[["EngineEvent"], None]


class EngineFailed(PilothouseError):
    """The engine ended with an error; what it said is the message."""


class NotSetUp(PilothouseError):
    """The stack has never been set up, or was deleted."""


@dataclass(frozen=True, kw_only=True)
class Applied:
    """What an `up` did: how many resources by operation, and the stack's outputs."""

    changes: dict[str, int]
    outputs: dict[str, Any]


class Engine:
    """One stack. Its file in stacks/ is never written: the engine gets a copy.

    `variables` are added to the environment of `pulumi`, which is found on the PATH of this
    process. `limit_of` gives how long an operation on a resource may take.
    """

    def __init__(
        self,
        project: Project,
        stack: str,
        variables: Mapping[str, str],
        limit_of: LimitOf = lambda _type, _operation: None,
    ) -> None:
        self.project, self.stack = project, stack
        self._limit_of = limit_of
        self._variables = dict(variables)
        self._backend = backend_url(variables)

    @classmethod
    def stacks(cls, project: Project, variables: Mapping[str, str]) -> list[str]:
        """The names of the project's stacks in the backend.

        A damaged state hides no other stack where the backend is a folder.
        """
        engine = cls(project, "", variables)
        if engine._files:
            return engine._files.stacks()
        with engine._failures(_ignore):
            return [summary.name for summary in engine._workspace.list_stacks()]

    def pulumi_version(self) -> str:
        """The version of the `pulumi` that is used."""
        return str(self._workspace.pulumi_version)

    def install_plugin(self, name: str, version: str) -> None:
        """Download a provider plugin; EngineFailed where that is not possible."""
        with self._failures(_ignore):
            self._run(["plugin", "install", "resource", name, version])

    def state(self) -> StackState:
        """The state as it is now, with its secrets: one call of the engine.

        Raises SecretsLocked where they cannot be decrypted.
        """
        from pulumi.automation import StackNotFoundError

        with self._failures(_ignore):
            try:
                exported = self._workspace.export_stack(self.stack)
            except StackNotFoundError:
                return StackState(exists=False)
        return self._state_of(exported.deployment or {})

    def state_without_secrets(self) -> StackState:
        """The state as it is now, for which no passphrase is needed."""
        from pulumi.automation import StackNotFoundError

        command = ["stack", "export", "--stack", self.stack]
        with self._failures(_ignore):
            try:
                exported = self._run(command)
            except StackNotFoundError:
                return StackState(exists=False, has_secrets=False)
        deployment = json.loads(exported)["deployment"] or {}
        return replace(self._state_of(deployment), has_secrets=False)

    def copied_state(self) -> StackState:
        """The newest whole copy of the state, without secrets; an empty one where there is none."""
        copy = self._files.newest_copy(self.stack) if self._files else {}
        return replace(StackState.from_deployment(copy), has_secrets=False)

    def _state_of(self, deployment: Mapping[str, Any]) -> StackState:
        if self._files and self._files.lacks_checkpoint(self.stack):
            raise self._damaged(Damage("it has no checkpoint"))
        for field in ("urn", "type"):
            if any(field not in resource for resource in deployment.get("resources") or ()):
                raise self._damaged(Damage(f"resource missing required '{field}' field"))
        return StackState.from_deployment(deployment)

    def preview(
        self, on_event: OnEvent, variables: Mapping[str, str], *, refresh: bool = False
    ) -> dict[str, int]:
        """How many resources an `up` would create, update, delete, keep, by operation.

        `variables` are added to the environment.
        """
        self._workspace.env_vars = {**self._variables, **variables}
        with self._failures(on_event) as listen:
            stack = self._selected(create=True)
            result = stack.preview(
                on_event=listen, refresh=refresh, config_file=self._config(), **_QUIET
            )
        return _counts(result.change_summary)

    def up(self, on_event: OnEvent, variables: Mapping[str, str], state: StackState) -> Applied:
        """Make the stack what the program says, after a refresh.

        `variables` are added to the environment; `state` is the `state` now.
        """
        self._workspace.env_vars = {**self._variables, **variables}
        with self._failures(on_event) as listen:
            stack = self._without_pending(state)
            result = stack.up(on_event=listen, refresh=True, config_file=self._config(), **_QUIET)
        return Applied(
            changes=_counts(result.summary.resource_changes or {}),
            outputs={name: output.value for name, output in result.outputs.items()},
        )

    def destroy(self, on_event: OnEvent, variables: Mapping[str, str]) -> None:
        """Delete every resource, then the stack; `variables` are added to the environment."""
        self._workspace.env_vars = {**self._variables, **variables}
        with self._failures(on_event) as listen:
            stack = self._selected()
            stack.destroy(on_event=listen, config_file=self._config(), **_QUIET)
            self._workspace.remove_stack(self.stack, preserve_config=True)
        self._remove_backups()

    def forget(self) -> None:
        """Remove the stack from the backend, whatever resources its state has."""
        with self._failures(_ignore):
            self._workspace.remove_stack(self.stack, force=True, preserve_config=True)
        self._remove_backups()

    def set_state_aside(self) -> Path | None:
        """Remove a damaged stack from the backend; where its state is kept.

        None, with the stack removed all the same, where the backend is no folder. Raises
        EngineFailed where the engine cannot do that.
        """
        if self._files is None:
            try:
                self.forget()
            except EngineFailed as error:
                raise EngineFailed(
                    f"nothing of {self.stack} is left but its damaged state in {self._backend}, "
                    f"which Pulumi cannot remove; delete that object by hand: {error}"
                ) from error
            return None
        aside = self._files.set_aside(self.stack, self.project.folder / "damaged-states")
        self._remove_backups()
        return aside

    def destroy_all_but(
        self,
        keep: Collection[str],
        state: StackState,
        on_event: OnEvent,
        variables: Mapping[str, str],
    ) -> None:
        """Delete every resource of `state` but those in `keep`, by URN; the stack stays."""
        self._workspace.env_vars = {**self._variables, **variables}
        urns = [resource["urn"] for resource in state.resources if resource["urn"] not in keep]
        if not urns:
            return  # no target at all would mean everything
        with self._failures(on_event) as listen:
            self._selected().destroy(
                on_event=listen, config_file=self._config(), target=urns, **_QUIET
            )

    def protect(self, urns: Collection[str]) -> None:
        """Have the engine refuse to delete or replace these resources."""
        self._set_protection("protect", urns)

    def unprotect(self, urns: Collection[str]) -> None:
        """Have the engine delete these resources when it is told to."""
        self._set_protection("unprotect", urns)

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs with their secrets; NotSetUp if there are none."""
        with self._failures(_ignore):
            values = self._workspace.stack_outputs(self.stack)
        if "contract" not in values:
            raise NotSetUp(self._why_no_contract())
        return {name: output.value for name, output in values.items()}

    def _why_no_contract(self) -> str:
        """The engine writes outputs at the end of an `up`, and a preview makes an empty stack."""
        if not self.state().has_resources:
            return self._not_set_up()
        return (
            f"stack {self.stack} is set up in part: an `up` or a `down` did not finish; "
            f"{remedy_for_unfinished(self.stack)}"
        )

    def _not_set_up(self) -> str:
        return f"stack {self.stack} is not set up: run `pilothouse up {self.stack}`"

    def unfinished_command(self) -> str:
        """`up` or `down` if the engine's last run was one and did not succeed; otherwise ""."""
        with self._failures(_ignore):
            history = self._selected().history(page_size=1, page=1, show_secrets=False)
        if not history or history[0].result == "succeeded":
            return ""
        return _COMMANDS.get(history[0].kind, "")

    def ensure_passphrase(self) -> None:
        """Generate the project's passphrase where there is none, and no state needs an old one."""
        file = passphrase.missing(self._variables)
        if file and not self._stacks_with_state():
            passphrase.generate(file)

    def require_passphrase(self) -> None:
        """Raise SecretsLocked where the project's passphrase has been deleted."""
        if passphrase.missing(self._variables):
            raise passphrase.locked(self._stacks_with_state(), self._variables)

    def _stacks_with_state(self) -> list[str]:
        """The project's stacks whose states are encrypted with a passphrase."""
        if self._backend.startswith(("http://", "https://")):
            return []  # the service encrypts them itself
        return sorted(self.stacks(self.project, self._variables))

    def clear_stale_locks(self, on_wait: Callable[[Lock], None]) -> list[Lock]:
        """Remove the locks of dead processes, and wait for live ones; what was removed.

        Raises StackBusy if a live one stays.
        """
        return backend_locks.clear_stale(
            self._backend, self.project.name, self.stack, patience=PATIENCE, on_wait=on_wait
        )

    def _set_protection(self, command: str, urns: Collection[str]) -> None:
        if not urns:
            return  # without any, the command would ask in a terminal
        arguments = ["state", command, *sorted(urns), "--yes", "--stack", self.stack]
        with self._failures(_ignore):
            self._run(arguments)

    def _run(self, arguments: list[str]) -> str:
        ran = self._workspace.pulumi_command.run(arguments, str(self.project.root), self._variables)
        return str(ran.stdout)

    def _remove_backups(self) -> None:
        """What a removed stack leaves in a backend that is this clone's own."""
        if self._files and self._variables.get("PULUMI_BACKEND_URL") == self._backend:
            self._files.remove_remains(self.stack)

    @cached_property
    def _files(self) -> StateFiles | None:
        return StateFiles.of(self._backend, self.project.name)

    @cached_property
    def _workspace(self) -> LocalWorkspace:
        from pulumi.automation import LocalWorkspace

        os.environ["PATH"] = self._variables.get("PATH", os.defpath)  # `pulumi` is found there
        try:
            return LocalWorkspace(work_dir=str(self.project.root), env_vars=self._variables)
        except FileNotFoundError as error:
            raise PilothouseError("program pulumi: not on PATH; run `pilothouse setup`") from error

    def _selected(self, *, create: bool = False) -> Stack:
        from pulumi.automation import Stack

        choose = Stack.create_or_select if create else Stack.select
        return choose(self.stack, self._workspace)

    def _config(self) -> str:
        return str(stack_copy.make_copy(self.project, self.stack))

    def _without_pending(self, state: StackState) -> Stack:
        """The stack, made if need be, without the creates that a killed run began.

        Made again, they adopt what exists, or the target has removed it.
        """
        if not state.exists:
            return self._selected(create=True)
        stack = self._selected()
        if state.pending_operations:
            stack.refresh(clear_pending_creates=True, config_file=self._config(), **_QUIET)
        return stack

    @contextmanager
    def _failures(self, on_event: OnEvent) -> Iterator[OnEvent]:
        from pulumi.automation import CommandError, StackNotFoundError

        # An engine that is killed ends its stream of events too; what ended it is reported.
        warnings.filterwarnings("ignore", message="Error in event stream")
        with Diagnostics(self._log()) as said:
            patience = Patience(self.project.program, said, self._limit_of, interrupts.report)

            def listen(event: EngineEvent) -> None:
                said.note(event)
                patience.note(event)
                on_event(event)

            try:
                with (
                    interrupts.after_engine(),
                    stack_copy.unchanged(stack_copy.source_of(self.project, self.stack)),
                    patience,
                ):
                    yield listen
            except StackNotFoundError as error:
                raise NotSetUp(self._not_set_up()) from error
            except CommandError as error:
                code, stderr = said.note_end(error)
                if patience.overdue:
                    message = failure.describe_overdue(said, patience.overdue)
                    raise EngineFailed(message) from error
                self._raise_if_unusable("\n".join([*map(str, said.errors), stderr]))
                raise EngineFailed(failure.describe(said, code, stderr)) from error

    def _log(self) -> Path:
        return self.project.folder / diagnostics.FOLDER / f"{self.stack or 'stacks'}.log"

    def _raise_if_unusable(self, message: str) -> None:
        """Raise SecretsLocked or StateDamaged where the engine failed because of these."""
        if passphrase.is_of_salt(message):
            raise passphrase.locked_by_salt(stack_copy.source_of(self.project, self.stack))
        if passphrase.is_locked(message):
            stacks = passphrase.missing(self._variables) and self._stacks_with_state()
            raise passphrase.locked(stacks or [self.stack], self._variables)
        found = damage.damage_in(message)
        if self.stack and found:
            raise self._damaged(found)

    def _damaged(self, found: Damage) -> StateDamaged:
        file = self._files.state(self.stack) if self._files else None
        copies = self._files.whole_copies(self.stack) if self._files else []
        return damage.damaged(self.stack, found, str(file or self._backend), file, copies)


_COMMANDS = {"update": "up", "refresh": "up", "destroy": "down"}  # by the engine's name of a run
_QUIET: dict[str, Any] = {"suppress_outputs": True, "suppress_progress": True}


def _counts(changes: Mapping[Any, int]) -> dict[str, int]:
    """Operations by their names; the SDK gives some as text, some as its own enum."""
    return {str(getattr(op, "value", op)): count for op, count in changes.items()}


def _ignore(_event: EngineEvent) -> None:
    pass


def remedy_for_unfinished(stack: str) -> str:
    """What to do about a stack whose `up` or `down` was interrupted."""
    return f"run `pilothouse up {stack}` to continue, or `pilothouse down {stack}` to delete it"
