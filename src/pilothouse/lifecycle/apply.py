"""What every command that runs the engine does around it: locks, recovery, journal, watch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from pilothouse.lifecycle.data_loss import DataLoss, variables_for
from pilothouse.lifecycle.engine.automation import Applied, EngineFailed
from pilothouse.lifecycle.engine.backend_locks import Lock
from pilothouse.lifecycle.engine.progress import Progress
from pilothouse.lifecycle.engine.state import StackState
from pilothouse.lifecycle.recovery import remove_orphans
from pilothouse.lifecycle.report import Report
from pilothouse.lifecycle.stack import Stack
from pilothouse.lifecycle.watch import Watch


def read_state(stack: Stack, report: Report) -> StackState:
    """The state, once no other process works on the stack; stale locks are removed.

    Raises StackBusy where another process goes on working.
    """
    reported: set[Path] = set()

    def report_wait(lock: Lock) -> None:
        if lock.path not in reported:
            reported.add(lock.path)
            report.say(f"waiting for {lock}")

    for lock in stack.engine.clear_stale_locks(report_wait):
        report.say(f"removed the stale lock of {lock.holder} (the process no longer exists)")
    return stack.engine.state()


def recover(stack: Stack, report: Report, state: StackState) -> None:
    """Remove what earlier runs made and could not record."""
    for orphan in remove_orphans(stack.journal, stack.operations, state):
        report.say(f"removed {orphan}: an earlier run made it and could not record it")


def apply(
    stack: Stack,
    report: Report,
    state: StackState,
    title: str,
    *,
    losses: Sequence[DataLoss] = (),
    variables: Mapping[str, str] = MappingProxyType({}),
) -> Applied:
    """Run the engine's `up` on the stack as `state` has it; `losses` are accepted.

    `variables` are added to the program's environment.

    Meanwhile, the journal is kept, and services that fail are reported with their reasons. Raises
    EngineFailed with these reasons too: a provider may only know that its wait has ended.
    """
    recover(stack, report, state)
    stack.operations.start_stopped()
    stack.engine.unprotect([loss.urn for loss in losses])
    environment = {**stack.operations.up_variables(), **variables_for(losses), **variables}
    with (
        Progress(report.console, title) as progress,
        Watch(stack.operations.services, progress.note) as watch,
        stack.journal.recording(progress) as listen,
    ):
        try:
            applied = stack.engine.up(listen, environment, state)
        except EngineFailed as error:
            lines = [*watch.describe_failures(), str(error)]
            raise EngineFailed("\n".join(lines)) from error
    stack.engine.protect([loss.urn for loss in losses if loss.causes])
    return applied
