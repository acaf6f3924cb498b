"""`pilothouse runs`: the runs of the team's workload."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from pilothouse.lifecycle.report import Report
from pilothouse.lifecycle.stack import Stack
from pilothouse.services.workload import StepRun, WorkloadRun, WorkloadRuns


def run(stack: Stack, report: Report, limit: int) -> None:
    """Report the newest runs, the newest first."""
    with runs_of(stack) as runs:
        found = runs.recent(limit)
    if found:
        for line in _table(found):
            report.say(line)
    else:
        report.say(f"no runs yet: `pilothouse run {stack.name}` starts one")
    report.document({"runs": [run_document(each) for each in found]})


def logs(stack: Stack, report: Report, name: str, steps: Sequence[str], lines: int) -> None:
    """Report the end of what each step of a run said, in the order in which they began."""
    with runs_of(stack) as runs:
        found = [step for step in runs.look(name).steps if not steps or step.name in steps]
        said = {step.name: runs.log(name, step)[-lines:] for step in sorted(found, key=_beginning)}
    for step, text in said.items():
        for line in text:
            report.say(f"{step} | {line}")
    report.document({"run": name, "lines": said})


@contextmanager
def runs_of(stack: Stack) -> Iterator[WorkloadRuns]:
    """A client of the stack's runs; Refused where it has no workload."""
    with stack.operations.accessible(stack.contract()) as contract:
        yield stack.clients.workload_runs(contract.orchestration)


def run_document(run: WorkloadRun) -> dict[str, Any]:
    """A run as JSON has it."""
    return asdict(run)


def _beginning(step: StepRun) -> tuple[bool, str]:
    return not step.started, step.started


def _table(runs: Sequence[WorkloadRun]) -> list[str]:
    rows = [("run", "state", "started (UTC)", "ended", "parameters")]
    for each in runs:
        given = " ".join(f"{name}={value}" for name, value in each.parameters.items())
        rows.append((each.name, each.state, _time(each.started), _time(each.finished), given))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _time(text: str) -> str:
    """A time to the second, without its zone, which is UTC."""
    return text[:19].replace("T", " ")
