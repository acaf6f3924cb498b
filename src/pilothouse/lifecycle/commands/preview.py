"""`pilothouse preview`: what `up` would change."""

from __future__ import annotations

from pilothouse.errors import PilothouseError
from pilothouse.lifecycle.engine.progress import Progress
from pilothouse.lifecycle.report import Report, format_changes
from pilothouse.lifecycle.stack import Stack


def run(stack: Stack, report: Report, *, refresh: bool, expect_no_changes: bool) -> None:
    """Run the engine's preview, a line for each change.

    Raises PilothouseError where no changes were expected and there are some.
    """
    with Progress(report.console, f"previewing {stack.name}", preview=True) as progress:
        changes = stack.engine.preview(progress, refresh=refresh)
    report.say(f"{stack.name} would be: {format_changes(changes)}")
    report.document({"changes": changes})
    if expect_no_changes and set(changes) - {"same"}:
        raise PilothouseError("no changes were expected")
