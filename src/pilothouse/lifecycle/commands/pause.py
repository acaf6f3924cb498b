"""`pilothouse pause`: everything that runs is stopped, and what holds data stays."""

from __future__ import annotations

import time
from datetime import date

from pilothouse.cost.estimate import Estimate
from pilothouse.errors import PilothouseError, Refused
from pilothouse.lifecycle import costs
from pilothouse.lifecycle.records import record
from pilothouse.lifecycle.records.summary import summarize
from pilothouse.lifecycle.report import Report
from pilothouse.lifecycle.stack import Stack
from pilothouse.services.workload import WorkloadRun

RUNS = 20
"""How many of the newest runs are looked at for those that are under way."""


def show(stack: Stack, report: Report, today: date) -> None:
    """Report what a pause stops and deletes, what starting again takes, and what still costs.

    Raises Refused where the target cannot pause, NotSetUp for a stack that is not up.
    """
    if stack.operations.no_pause:
        raise Refused(stack.operations.no_pause)
    under_way = _under_way(stack)
    stops = stack.operations.stopped_by_pause()
    report.say(f"would stop: {', '.join(stops)}" if stops else "nothing runs")
    if lost := stack.operations.lost_in_pause():
        report.warnings([lost])
    for run in under_way:
        report.warnings([f"run {run.name} is {run.state}, and would not go on"])
    report.document({"stops": stops, "lost": lost})
    if takes := _resume_takes(stack):
        report.say(takes)
    if estimated := costs.estimate_priced(stack.plan, today):
        report.say(_costs(estimated))
        report.document({"paused": {"monthly": float(round(estimated.paused, 2))}})


def run(stack: Stack, report: Report) -> None:
    """Pause the stack; raises PilothouseError where something goes on."""
    began = time.monotonic()
    with report.working(f"pausing {stack.name}"):
        stack.operations.pause()
    seconds = round(time.monotonic() - began, 1)
    remedy = f"`pilothouse resume {stack.name}` starts it again"
    report.say(f"{stack.name} is paused after {seconds} s; {remedy}")
    report.document({"seconds": {"pause": seconds}})


def _resume_takes(stack: Stack) -> str:
    measured = summarize(record.read(stack.project, stack.name)).set_up
    if measured:
        return f"setting it up took {measured.median:.0f} s; `resume` starts it again"
    known = stack.operations.resume_takes()
    return f"`resume` starts it again, which takes {known}" if known else ""


def _under_way(stack: Stack) -> list[WorkloadRun]:
    """The runs of the team's package that have not ended; none where nobody can say."""
    contract = stack.contract()
    if not contract.orchestration.submit.get("definition"):
        return []
    try:
        with stack.operations.accessible(contract) as accessible:
            runs = stack.clients.workload_runs(accessible.orchestration).recent(RUNS)
    except PilothouseError:
        return []
    return [run for run in runs if not run.ended]


def _costs(estimated: Estimate) -> str:
    least = "" if estimated.is_complete else "at least "
    return (
        f"a month costs {least}${estimated.paused:,.2f} while it is paused, and "
        f"{least}${estimated.fixed:,.2f} while it runs without use"
    )
