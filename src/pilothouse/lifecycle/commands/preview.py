"""`pilothouse preview`: what `up` would change."""

from __future__ import annotations

from datetime import date

from pilothouse.errors import PilothouseError
from pilothouse.lifecycle import airflow_requirements, cost_report, costs, data_loss
from pilothouse.lifecycle.commands import expiry
from pilothouse.lifecycle.engine.progress import Progress
from pilothouse.lifecycle.plugins import install_missing
from pilothouse.lifecycle.report import Report, format_changes
from pilothouse.lifecycle.stack import Stack


def run(
    stack: Stack, report: Report, today: date, *, refresh: bool, expect_no_changes: bool
) -> None:
    """Run the engine's preview, a line for each change; then what a month would cost.

    Raises PilothouseError where no changes were expected and there are some.
    """
    state = stack.engine.state()
    airflow_requirements.warn_if_unresolved(stack, report)
    install_missing(stack, report, state)
    with Progress(report.console, f"previewing {stack.name}", preview=True) as progress:
        preview = data_loss.preview(stack.engine, state, progress, refresh=refresh)
    report.say(f"{stack.name} would be: {format_changes(preview.changes)}")
    report.losses(preview.losses)
    if preview.losses:
        report.say("`up` changes nothing unless you allow that with --allow-data-loss")
    losses = [str(loss) for loss in preview.losses]
    report.document({"changes": preview.changes, "data_losses": losses})
    expiry.show(stack, report, today)
    if found := costs.compare(stack, state, today, preview.resources):
        pilot = stack.plan.platform.pilot
        cost_report.show_totals(report, found, pilot, today)
        report.document({"cost": cost_report.document(found, pilot)})
    if expect_no_changes and set(preview.changes) - {"same"}:
        raise PilothouseError("no changes were expected")
