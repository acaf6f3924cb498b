"""The schedule of the team's workload in the words of EventBridge Scheduler.

Cron and EventBridge differ in the number of fields, in the numbers of the days of the week, and in
what two restricted fields of days mean: cron runs where either fits, EventBridge takes only one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from croniter import croniter

TIME_ZONE = "UTC"
"""The time zone of every schedule, as platform.yaml has it."""

_ALL = ["*"]
_DAY, _WEEKDAY = 2, 4
_VALUE = r"(\d+|[a-z]{3})"
_PART = rf"([*?]|{_VALUE}(-{_VALUE})?)(/\d+)?"
_FIELD = re.compile(rf"{_PART}(,{_PART})*")
_WEEKDAYS: Mapping[int, str] = dict(enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")))
_SHORTEST_RANGE = 3


@dataclass(frozen=True)
class Obstacle:
    """Why EventBridge cannot keep a schedule, and what to write instead."""

    found: str
    remedy: str


def find_obstacle(schedule: str) -> Obstacle | None:
    """What of a valid schedule of five fields EventBridge cannot keep; None if it can."""
    fields = _expand(schedule)
    for field, values in zip(schedule.split(), fields, strict=True):
        if not _FIELD.fullmatch(field.lower()) or ("*" in values and values != _ALL):
            return Obstacle(
                found=f"{field}, which is not put into EventBridge Scheduler's words",
                remedy="write `*`, or numbers and names with ranges, lists and steps",
            )
    if fields[_DAY] != _ALL and fields[_WEEKDAY] != _ALL:
        return Obstacle(
            found="days of the month and days of the week, of which EventBridge Scheduler takes "
            "one",
            remedy="write `*` for one of them",
        )
    return None


def to_eventbridge(schedule: str) -> str:
    """The expression of EventBridge's for five fields of cron: minutes to weekdays, and any year.

    ValueError for a schedule with an obstacle.
    """
    if obstacle := find_obstacle(schedule):
        raise ValueError(f"{schedule}: {obstacle.found}")
    minutes, hours, days, months, weekdays = _expand(schedule)
    by_weekday = weekdays != _ALL
    fields = [
        _listed(minutes),
        _listed(hours),
        "?" if by_weekday else _listed(days),
        _listed(months),
        _listed(weekdays, _WEEKDAYS) if by_weekday else "?",
        "*",
    ]
    return f"cron({' '.join(fields)})"


def _expand(schedule: str) -> Sequence[Sequence[int | str]]:
    """The values of each field, Sunday being 0; `*` alone for all of them."""
    fields, _ = croniter.expand(schedule)
    return fields


def _listed(values: Sequence[int | str], names: Mapping[int, str] | None = None) -> str:
    """Values of a field, three or more in a row as a range."""
    if values == _ALL:
        return "*"
    runs: list[list[int]] = []
    for value in sorted(map(int, values)):
        if runs and value == runs[-1][-1] + 1:
            runs[-1].append(value)
        else:
            runs.append([value])
    return ",".join(_run([(names or {}).get(value, str(value)) for value in run]) for run in runs)


def _run(words: Sequence[str]) -> str:
    return ",".join(words) if len(words) < _SHORTEST_RANGE else f"{words[0]}-{words[-1]}"
