"""`pilothouse gc`: what was deleted in tracking, deleted for good."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import timedelta

from rich.filesize import decimal

from pilothouse.contract import Contract
from pilothouse.errors import Refused, shown
from pilothouse.lifecycle.report import Report, plural
from pilothouse.lifecycle.stack import Stack
from pilothouse.services.mlflow.garbage import Garbage

AGE = re.compile(
    r"(?=\d)(?:(?P<days>\d{1,5})d)?(?:(?P<hours>\d{1,5})h)?"
    r"(?:(?P<minutes>\d{1,5})m)?(?:(?P<seconds>\d{1,5})s)?",
    re.ASCII,
)
LISTED = 20  # ids of a kind; of more, only the number is shown


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """What was shown: `garbage` was deleted more than `age` seconds before the time `at`."""

    contract: Contract
    garbage: Garbage
    age: float
    at: float

    @property
    def age_now(self) -> float:
        """The age in seconds that still covers the same and nothing newer."""
        return self.age + time.monotonic() - self.at


def read_age(text: str) -> timedelta:
    """An age such as `7d` or `1d12h`, as MLflow writes it; Refused for another text."""
    found = AGE.fullmatch(text)
    if found is None:
        raise Refused(
            f"--older-than: found {shown(text)}; give days, hours, minutes and seconds in this "
            "order, such as 7d, 1d12h, 90m or 0s"
        )
    return timedelta(**{unit: int(number) for unit, number in found.groupdict(default="0").items()})


def show(stack: Stack, report: Report, older_than: str | None) -> Candidates:
    """Report what was deleted longer ago than that, or than the platform's retention by default.

    Raises Refused for another text than an age, or where the target cannot delete it for good, and
    NotSetUp where nothing runs.
    """
    limit = older_than or f"{stack.plan.platform.storage.retention_days}d"
    age = read_age(limit).total_seconds()
    contract, at = stack.contract(), time.monotonic()
    report.say(f"looking for what was deleted in {stack.name} more than {limit} ago")
    garbage = stack.operations.find_garbage(contract, age)
    report.document({"garbage": vars(garbage)})
    if garbage:
        report.say(f"to be deleted for good: {_summary(garbage)}")
        _list(report, garbage)
    else:
        report.say("there is nothing to delete")
        report.document({"freed": vars(Garbage())})
    return Candidates(contract=contract, garbage=garbage, age=age, at=at)


def run(stack: Stack, report: Report, candidates: Candidates) -> None:
    """Delete what was shown for good, and report what is gone."""
    freed = stack.operations.collect_garbage(candidates.contract, candidates.age_now)
    retention = stack.operations.artifact_retention() if freed.objects else ""
    report.say(f"deleted for good: {_summary(freed)}")
    if retention:
        report.say(f"of the artifacts, {retention}")
    report.document({"freed": vars(freed), "retention": retention})


def _summary(garbage: Garbage) -> str:
    """How many of each, and the size of their artifacts."""
    counts = [
        plural(len(garbage.runs), "run"),
        plural(len(garbage.models), "model"),
        plural(len(garbage.experiments), "experiment"),
        f"{plural(garbage.objects, 'artifact')} of {decimal(garbage.bytes)}",
    ]
    return ", ".join(counts)


def _list(report: Report, garbage: Garbage) -> None:
    kinds = {"run": garbage.runs, "model": garbage.models, "experiment": garbage.experiments}
    for kind, ids in kinds.items():
        for each in ids[:LISTED]:
            report.say(f"  {kind} {each}")
        if len(ids) > LISTED:
            report.say(f"  and {plural(len(ids) - LISTED, f'more {kind}')}")
