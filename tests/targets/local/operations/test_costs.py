"""What a stack on this machine costs: what the stack file says of the machine, or a word."""

from decimal import Decimal
from pathlib import Path

from pilothouse.lifecycle import costs
from tests.targets.suite import platforms

EXAMPLE = platforms.ROOT / "examples" / "minimal.yaml"


def test_a_machine_whose_price_nobody_said_costs_nothing_that_is_known(tmp_path: Path) -> None:
    plan = platforms.plan_of(platforms.project_of(EXAMPLE, tmp_path), "local")
    found = costs.estimate_plan(plan, platforms.TODAY)
    assert found is not None
    assert found.lines == []
    (reason,) = set(found.free.values())
    assert "cost.monthly in the stack file says what that costs" in reason
    assert costs.estimate_priced(plan, platforms.TODAY) is None


def test_a_machine_costs_what_the_stack_file_says(tmp_path: Path) -> None:
    project = platforms.project_of(EXAMPLE, tmp_path)
    plan = platforms.plan_of(project, "local", settings={"cost": {"monthly": 42.5}})
    found = costs.estimate_plan(plan, platforms.TODAY)
    assert found is not None
    assert found.fixed == Decimal("42.5")
    assert found.confidence == "yours"
