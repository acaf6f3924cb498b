"""What every graph is billed for: no resource of any target is of a type that nobody thought of."""

from pathlib import Path
from typing import Any

import pytest

from pilothouse import targets
from pilothouse.lifecycle import costs
from pilothouse.plan import Plan
from tests.targets.suite import platforms

PRICED = [pair for pair in platforms.CARRIED if "costs" in targets.registered()[pair[1]].parts()]

every_plan = pytest.mark.parametrize(
    ("example", "target"), PRICED, ids=[f"{e.stem}-{t}" for e, t in PRICED]
)


def plan_of(example: Path, target: str, folder: Path) -> Plan[Any]:
    return platforms.plan_of(platforms.project_of(example, folder), target)


def test_each_built_in_target_says_what_it_costs() -> None:
    assert {target for _, target in PRICED} == set(targets.BUILT_IN)


@every_plan
def test_each_resource_is_priced_free_or_says_why_not(
    example: Path, target: str, tmp_path: Path
) -> None:
    estimate = costs.estimate_plan(plan_of(example, target, tmp_path), platforms.TODAY)
    assert estimate is not None
    assert not [each for each in estimate.unpriced if "nothing is known" in each.reason]
    assert all(each.reason for each in estimate.unpriced)
    assert all(estimate.free.values())


@every_plan
def test_an_estimate_is_the_same_again(example: Path, target: str, tmp_path: Path) -> None:
    plan = plan_of(example, target, tmp_path)
    assert costs.estimate_plan(plan, platforms.TODAY) == costs.estimate_plan(plan, platforms.TODAY)
