"""What the records of a stack say together: how long things took, and what went wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from statistics import median
from typing import Any

from pilothouse.contract import CAPABILITIES
from pilothouse.lifecycle.records.record import Record

MONTH = 730 * 60 * 60
"""The seconds of a month, by which prices count too."""


@dataclass(frozen=True, kw_only=True)
class Durations:
    """How often something was measured, and the median and the most of its seconds."""

    count: int
    median: float
    most: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Durations | None:
        """Those of some measurements; None of none."""
        if not seconds:
            return None
        return cls(count=len(seconds), median=median(seconds), most=max(seconds))


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What was measured on a stack; None where it never was.

    set_up: an `up` that made something. repaired: an `up` that changed or made nothing new.
    first_run: from the end of the first set-up to the end of the first run that succeeded.
    queued: from the start of a run to that of its first step. steps: by their names.
    failures: what failed, newest last, in words. hours: those that people noted. contract: what
    the last `up` promised, by capability, without secrets.
    """

    set_up: Durations | None
    repaired: Durations | None
    verified: Durations | None
    torn_down: Durations | None
    first_run: float | None
    runs: Durations | None
    queued: Durations | None
    steps: Mapping[str, Durations]
    failures: Sequence[str]
    hours: float
    notes: Sequence[str]
    contract: Mapping[str, Mapping[str, Any]]
    first: str
    last: str

    @property
    def hours_a_month(self) -> float | None:
        """The noted hours by the months of the records, of which a beginning one counts whole.

        None where nobody noted any.
        """
        if not self.hours:
            return None
        (seconds,) = _between(self.first, self.last)
        return self.hours / max(1, ceil(seconds / MONTH))


def summarize(records: Sequence[Record]) -> Summary:
    """The summary of a stack's records, which are in the order of time."""
    ended = [each for each in records if each.outcome == "succeeded"]
    ups = [each for each in ended if each.command == "up"]
    runs = [run for each in ended if each.command == "run" and (run := _run_of(each))]
    steps: defaultdict[str, list[float]] = defaultdict(list)
    for run in runs:
        for step in run["steps"]:
            steps[step["name"]] += _between(step["started"], step["ended"])
    return Summary(
        set_up=Durations.of([each.seconds for each in ups if _creates(each)]),
        repaired=Durations.of([each.seconds for each in ups if not _creates(each)]),
        verified=Durations.of([each.seconds for each in ended if each.command == "verify"]),
        torn_down=Durations.of([each.seconds for each in ended if each.command == "down"]),
        first_run=_first_run([each for each in ups if _creates(each)], runs),
        runs=Durations.of([*_all(_between(run["started"], run["finished"]) for run in runs)]),
        queued=Durations.of([*_all(_queue(run) for run in runs)]),
        steps={name: made for name in sorted(steps) if (made := Durations.of(steps[name]))},
        failures=[f"{each.command}: {each.error}" for each in records if each.outcome == "failed"],
        hours=sum(each.hours for each in records),
        notes=[each.text for each in records if each.text],
        contract=_contract(ups),
        first=records[0].time if records else "",
        last=records[-1].time if records else "",
    )


def _contract(ups: Sequence[Record]) -> Mapping[str, Mapping[str, Any]]:
    facts = ups[-1].facts if ups else {}
    return {name: facts[name] for name in CAPABILITIES if name in facts}


def _creates(record: Record) -> bool:
    return bool(record.facts.get("changes", {}).get("create"))


def _run_of(record: Record) -> dict[str, Any] | None:
    """What is known of a run that was followed to its end."""
    run: dict[str, Any] = record.facts.get("run", {})
    return run if run.get("finished") else None


def _first_run(ups: Sequence[Record], runs: Sequence[Mapping[str, Any]]) -> float | None:
    if not ups or not runs:
        return None
    ready = datetime.fromisoformat(ups[0].time).timestamp() + ups[0].seconds
    return max(datetime.fromisoformat(runs[0]["finished"]).timestamp() - ready, 0)


def _queue(run: Mapping[str, Any]) -> list[float]:
    started = sorted(step["started"] for step in run["steps"] if step["started"])
    return _between(run["started"], started[0]) if started else []


def _between(began: str, ended: str) -> list[float]:
    """The seconds between two times; none where one is not known."""
    if not began or not ended:
        return []
    return [(datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds()]


def _all(several: Iterator[list[float]]) -> Iterator[float]:
    for each in several:
        yield from each
