"""`pilothouse cost`: what a stack would cost a month, line by line."""

from __future__ import annotations

from datetime import date

from pilothouse.errors import PilothouseError, Refused
from pilothouse.lifecycle import cost_report, costs
from pilothouse.lifecycle.engine.state import StackState
from pilothouse.lifecycle.report import Report
from pilothouse.lifecycle.stack import Stack


def run(stack: Stack, report: Report, today: date) -> None:
    """Show the estimate, and the difference to what is set up.

    Raises Refused where the target does not know what it costs.
    """
    found = costs.compare(stack, _state(stack), today)
    if found is None:
        raise Refused(f"target {stack.plan.target} does not say what its resources are billed for")
    pilot = stack.plan.platform.pilot
    cost_report.show_lines(report, found, pilot, today)
    report.document({"cost": cost_report.document(found, pilot)})


def _state(stack: Stack) -> StackState:
    """What is set up; nothing where that cannot be read, as no estimate needs it."""
    try:
        return stack.engine.state_without_secrets()
    except PilothouseError:
        return StackState(exists=False)
