"""`pilothouse resume`: what a pause or the end of the pilot stopped is started again."""

from __future__ import annotations

import time

from pilothouse.contract import Contract
from pilothouse.errors import Refused
from pilothouse.lifecycle import airflow_objects, data_loss, preflight
from pilothouse.lifecycle.apply import apply, read_state
from pilothouse.lifecycle.engine.state import StackState
from pilothouse.lifecycle.plugins import install_missing
from pilothouse.lifecycle.report import Report, format_changes
from pilothouse.lifecycle.stack import Stack
from pilothouse.program.load import definition_of


def run(stack: Stack, report: Report) -> None:
    """Start everything again, as the last `up` made it.

    Of the team's, only what the pause has deleted is delivered. Raises Refused, before anything is
    made, where that is not what the files say, where the stack is not set up, and where data would
    be lost.
    """
    began = time.monotonic()
    state = read_state(stack, report)
    _check_is_unchanged(stack, state)
    preflight.require(preflight.examine(stack))
    objects = airflow_objects.check(stack, report) if stack.operations.lost_in_pause() else None
    install_missing(stack, report, state)
    data_loss.refuse(data_loss.find(stack.engine, state))
    applied = apply(stack, report, state, f"resuming {stack.name}")
    if objects:
        contract = Contract.from_output(applied.outputs["contract"])
        with stack.operations.accessible(contract) as accessible:
            airflow_objects.deliver(stack, accessible, report, objects)
    seconds = round(time.monotonic() - began, 1)
    report.say(f"{stack.name} is resumed after {seconds} s: {format_changes(applied.changes)}")
    report.document({"changes": applied.changes, "seconds": {"resume": seconds}})


def _check_is_unchanged(stack: Stack, state: StackState) -> None:
    if not state.has_resources:
        raise Refused(
            f"{stack.name} is not set up, so nothing of it can be resumed; "
            f"run `pilothouse up {stack.name}`"
        )
    if state.definition != definition_of(stack.plan):
        raise Refused(
            f"the files of {stack.name} are not those of its last `up`: "
            f"`pilothouse preview {stack.name}` shows what changes, and "
            f"`pilothouse up {stack.name}` makes that and starts it again"
        )
