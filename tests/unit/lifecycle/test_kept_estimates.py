"""An estimate is made once a day for a plan, and is the same when it is read again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from pilothouse.lifecycle import kept_estimates
from pilothouse.plan import Plan
from pilothouse.program import build
from tests.targets.suite import platforms

TODAY = date(2026, 11, 28)
COST = {"cost": {"cpuHour": 0.04, "memoryHour": 0.005, "volumeMonth": 0.1}}


@pytest.fixture
def plan() -> Plan:
    return platforms.plan_of(platforms.ROOT, "kubernetes", settings=COST)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How often a program has run for an estimate."""
    counted: list[Plan] = []
    record = build.record_graph

    def recorded(plan: Plan) -> object:
        counted.append(plan)
        return record(plan)

    monkeypatch.setattr("pilothouse.lifecycle.costs.record_graph", recorded)
    return lambda: len(counted)


def test_it_is_read_again_as_it_was(tmp_path: Path, plan: Plan, runs: Callable[[], int]) -> None:
    first = kept_estimates.estimate(tmp_path, plan, TODAY)
    assert first
    assert first.fixed > 0
    assert kept_estimates.estimate(tmp_path, plan, TODAY) == first
    assert runs() == 1


def test_another_plan_and_another_day_have_another(
    tmp_path: Path, plan: Plan, runs: Callable[[], int]
) -> None:
    first = kept_estimates.estimate(tmp_path, plan, TODAY)
    dear = platforms.plan_of(
        platforms.ROOT, "kubernetes", settings={"cost": {**COST["cost"], "cpuHour": 4}}
    )
    other = kept_estimates.estimate(tmp_path, dear, TODAY)
    assert first
    assert other
    assert other.fixed > first.fixed
    kept_estimates.estimate(tmp_path, replace(plan, stack="other"), TODAY)
    kept_estimates.estimate(tmp_path, plan, TODAY + timedelta(days=1))
    assert runs() == 4


def test_a_spoilt_file_is_made_anew(tmp_path: Path, plan: Plan, runs: Callable[[], int]) -> None:
    first = kept_estimates.estimate(tmp_path, plan, TODAY)
    (file,) = tmp_path.rglob("*.json")
    file.write_text("{")
    assert kept_estimates.estimate(tmp_path, plan, TODAY) == first
    assert kept_estimates.estimate(tmp_path, plan, TODAY) == first
    assert runs() == 2


def test_where_nothing_can_be_kept_it_is_made_each_time(
    tmp_path: Path, plan: Plan, runs: Callable[[], int]
) -> None:
    place = tmp_path / "file"
    place.touch()
    assert kept_estimates.estimate(place, plan, TODAY)
    assert kept_estimates.estimate(place, plan, TODAY)
    assert runs() == 2


def test_a_plan_without_prices_has_none_and_keeps_none(tmp_path: Path) -> None:
    assert (
        kept_estimates.estimate(tmp_path, platforms.plan_of(platforms.ROOT, "local"), TODAY) is None
    )
    assert list(tmp_path.iterdir()) == []
