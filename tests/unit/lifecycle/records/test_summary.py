"""What records say together."""

from typing import Any

import pytest

from pilothouse.lifecycle.records.record import Outcome, Record
from pilothouse.lifecycle.records.summary import Durations, summarize


def made(
    command: str,
    seconds: float = 0,
    *,
    time: str = "2026-11-28T10:00:00+00:00",
    outcome: Outcome = "succeeded",
    **more: Any,
) -> Record:
    return Record(
        time=time, command=command, outcome=outcome, seconds=seconds, platform="demo",
        target="local", pilothouse="0.1.0", **more,
    )  # fmt: skip


def run(*steps: tuple[str, str, str]) -> Record:
    """A run from 10:10:00 to 10:11:00 with steps, each from and until a second."""
    told = [
        {"name": name, "started": f"2026-11-28T10:10:{start}Z", "ended": f"2026-11-28T10:10:{end}Z"}
        for name, start, end in steps
    ]
    times = {"started": "2026-11-28T10:10:00Z", "finished": "2026-11-28T10:11:00Z"}
    return made("run", 61, facts={"run": {**times, "steps": told}})


CREATED = {"changes": {"create": 9}}


def test_an_up_that_makes_something_is_apart_from_one_that_repairs() -> None:
    found = summarize(
        [made("up", 50, facts=CREATED), made("up", 4, facts={"changes": {"same": 9}}),
         made("up", 70, facts=CREATED)]
    )  # fmt: skip
    assert found.set_up == Durations(count=2, median=60, most=70)
    assert found.repaired == Durations(count=1, median=4, most=4)


def test_runs_tell_their_seconds_their_wait_and_their_steps() -> None:
    found = summarize([run(("a", "05", "15"), ("b", "20", "50")), run(("a", "03", "23"))])
    assert found.runs == Durations(count=2, median=60, most=60)
    assert found.queued == Durations(count=2, median=4, most=5)
    assert found.steps["a"] == Durations(count=2, median=15, most=20)
    assert found.steps["b"].median == 30


def test_the_first_run_is_measured_from_the_end_of_the_first_up() -> None:
    found = summarize([made("up", 60, facts=CREATED), run(("a", "05", "15"))])
    assert found.first_run == 10 * 60


def test_what_failed_is_told_and_measured_as_nothing_else() -> None:
    found = summarize(
        [made("up", 9, outcome="failed", error="no disk", facts=CREATED),
         made("run", 9, outcome="failed", error="train failed"),
         made("up", 9, outcome="refused", error="no")]
    )  # fmt: skip
    assert found.set_up is None
    assert found.failures == ["up: no disk", "run: train failed"]


def test_a_run_that_was_not_followed_to_its_end_is_not_measured() -> None:
    assert summarize([made("run", 3, facts={"run": {"name": "x"}})]).runs is None


def test_hours_and_notes_are_summed_up() -> None:
    found = summarize([made("note", text="set-up", hours=2), made("note", text="talk", hours=0.5)])
    assert (found.hours, found.notes) == (2.5, ["set-up", "talk"])


@pytest.mark.parametrize(
    ("last", "hours"),
    [
        ("2026-11-28T10:00:00+00:00", 6),
        ("2026-12-20T10:00:00+00:00", 6),
        ("2027-01-20T10:00:00+00:00", 3),
    ],
)
def test_noted_hours_are_those_of_the_months_that_have_begun(last: str, hours: float) -> None:
    notes = [made("note", hours=4), made("note", hours=2, time=last)]
    assert summarize(notes).hours_a_month == hours
    assert summarize([made("up")]).hours_a_month is None


def test_nothing_was_measured_where_there_are_no_records() -> None:
    found = summarize([])
    assert (found.set_up, found.first_run, found.failures, found.hours) == (None, None, [], 0)
