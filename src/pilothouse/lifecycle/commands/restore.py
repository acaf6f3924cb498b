"""`pilothouse restore`: the databases, restored from a backup."""

from __future__ import annotations

import time

from pilothouse.errors import Refused, one_of
from pilothouse.lifecycle import data_loss, preflight
from pilothouse.lifecycle.apply import apply, read_state
from pilothouse.lifecycle.plugins import install_missing
from pilothouse.lifecycle.report import Report, plural
from pilothouse.lifecycle.stack import Stack
from pilothouse.targets.interface import Backup


def list_backups(stack: Stack, report: Report) -> list[Backup]:
    """The existing backups, the oldest first; Refused where the target makes none."""
    backups = stack.operations.backups()
    report.say(f"{stack.name} has {plural(len(backups), 'backup')}")
    for backup in backups:
        report.say(f"  {backup.name}  {backup.bytes / 1e6:.1f} MB")
    return backups


def choose_backup(stack: Stack, report: Report, name: str | None) -> Backup:
    """The backup of that name, or the newest; Refused if it does not exist."""
    backups = {backup.name: backup for backup in list_backups(stack, report)}
    if not backups:
        raise Refused(f"{stack.name} has no backup: nothing was changed")
    chosen = name or max(backups)
    if chosen not in backups:
        raise Refused(f"no backup {chosen!r}; {one_of(chosen, backups)}")
    return backups[chosen]


def run(stack: Stack, report: Report, backup: Backup) -> None:
    """Stop what writes, restore the databases, and start everything again."""
    began = time.monotonic()
    preflight.require(preflight.examine(stack))
    state = read_state(stack, report)
    install_missing(stack, report, state)
    data_loss.refuse(data_loss.find(stack.engine, state))
    report.say(f"restoring the databases of {stack.name} from {backup.name}")
    stack.operations.restore(backup.name)
    applied = apply(stack, report, state, f"starting {stack.name} again")
    seconds = round(time.monotonic() - began, 1)
    report.say(f"{stack.name} is restored from {backup.name} after {seconds} s")
    report.document(
        {"backup": vars(backup), "changes": applied.changes, "seconds": {"restore": seconds}}
    )
