"""The commands on the data that a stack holds."""

from __future__ import annotations

from typing import Annotated

import typer

from pilothouse.cli.options import HERE, Folder, Json, Yes
from pilothouse.cli.session import confirm, reported, today
from pilothouse.lifecycle import commands
from pilothouse.lifecycle.records import record
from pilothouse.lifecycle.stack import Stack


def restore(
    stack: Annotated[str, typer.Argument(metavar="STACK", help="The stack.")],
    backup: Annotated[
        str | None,
        typer.Argument(metavar="[BACKUP]", help="As --list names it; the newest by default."),
    ] = None,
    project: Folder = HERE,
    as_json: Json = False,
    listed: Annotated[
        bool, typer.Option("--list", help="List the backups, and change nothing.")
    ] = False,
    yes: Yes = False,
) -> None:
    """Restore a stack's databases from a backup.

    What writes to them is stopped meanwhile, and running jobs fail; objects in the store are not
    changed. A restore that was killed can be run again.
    """
    with reported(as_json) as report:
        opened = Stack.open(project, stack, today=None if listed else today())
        if listed:
            report.document({"backups": commands.restore.list_backups(opened, report)})
            return
        chosen = commands.restore.choose_backup(opened, report, backup)
        if not yes:
            confirm(f"Restore {opened.name} from {chosen.name}?", "restore it")
        with record.recording(opened.project, opened.plan, "restore", report):
            commands.restore.run(opened, report, chosen)


def gc(
    stack: Annotated[str, typer.Argument(metavar="STACK", help="The stack.")],
    project: Folder = HERE,
    as_json: Json = False,
    older_than: Annotated[
        str | None,
        typer.Option(
            "--older-than",
            metavar="AGE",
            help="Only what was deleted longer ago, such as 7d or 1d12h; "
            "`storage.retentionDays` by default.",
        ),
    ] = None,
    yes: Yes = False,
) -> None:
    """Delete for good what was deleted in MLflow: runs, models, experiments, their artifacts.

    Shows what would go and asks for confirmation first, and says what it freed.
    """
    with reported(as_json) as report:
        opened = Stack.open_as_set_up(project, stack)
        candidates = commands.gc.show(opened, report, older_than)
        if not candidates.garbage:
            return
        if not yes:
            confirm(f"Delete these of {opened.name} for good?", "delete them for good")
        commands.gc.run(opened, report, candidates)
