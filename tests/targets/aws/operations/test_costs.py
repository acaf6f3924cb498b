"""What a stack on AWS is billed for, by its options: fixed lines, usage, and what has no price."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pilothouse.cost.estimate import Estimate
from pilothouse.errors import InvalidInput
from pilothouse.lifecycle import costs
from pilothouse.lifecycle.engine.project import Project
from pilothouse.lifecycle.engine.state import STACK_TYPE, StackState
from pilothouse.lifecycle.stack import Stack
from pilothouse.plan import Plan
from pilothouse.program.build import record_graph
from pilothouse.program.load import definition_of
from tests.targets.aws.graph import stacks
from tests.targets.suite import platforms


def estimated(settings: Mapping[str, Any] = platforms.NONE, *, more: str = "") -> Estimate:
    found = costs.estimate_plan(stacks.planned(settings, more=more), platforms.TODAY)
    assert found is not None
    return found


def amounts(estimate: Estimate) -> Mapping[str, Decimal]:
    """The fixed dollars a month by what is billed."""
    found: dict[str, Decimal] = {}
    for line in estimate.lines:
        if line.charge.kind == "fixed":
            found[line.charge.what] = found.get(line.charge.what, Decimal(0)) + line.usd.expected
    return found


@stacks.every_option
def test_every_resource_of_every_option_is_known(option: str) -> None:
    estimate = estimated(stacks.OPTIONS[option])
    assert not [each for each in estimate.unpriced if "nothing is known" in each.reason]


@pytest.mark.parametrize(("region", "at_rest"), [("us-east-1", 396), ("eu-west-1", 398)])
def test_the_smallest_stack_at_rest_costs_what_its_parts_are_listed_at(
    region: str, at_rest: int
) -> None:
    """The sums by hand: Airflow 357.70, NAT 32.85 or 35.04, its address 3.65, the key 1, 10 GB."""
    estimate = estimated({"region": region})
    database = next(line for line in estimate.lines if line.charge.usage == "metadataGb")
    assert abs(estimate.fixed + database.usd.expected - at_rest) < 1
    assert estimate.is_complete


@pytest.mark.parametrize(
    "settings",
    [
        platforms.NONE,
        {"network": {"egress": "endpoints"}, "tracking": {"server": "tracking-server"}},
    ],
)
def test_a_paused_stack_costs_what_is_stored_and_no_hours(settings: Mapping[str, Any]) -> None:
    """The key and the DAGs at rest, and the data, images and logs that are there."""
    estimate = estimated(settings)
    paid = {line.charge.what for line in estimate.lines if line.charge.is_billed_in_pause}
    assert paid == {
        *("KMS key", "DAGs", "budget", "budget with an action", "images", "logs kept"),
        *("objects of data", "objects of artifacts"),
        *({"MLflow App"} if "tracking" not in settings else ()),
    }
    assert Decimal(1) < estimate.paused < Decimal(5)


def test_pipelines_cost_no_airflow() -> None:
    assert amounts(estimated()).keys() - amounts(estimated({"engine": "managed"})).keys() == {
        "Airflow mw1.small",
        "DAGs",
    }
    assert round(estimated({"engine": "managed"}).fixed) == 40


def test_an_interface_endpoint_is_billed_for_each_zone() -> None:
    found = estimated(stacks.OPTIONS["endpoints"])
    lines = [line for line in found.lines if line.charge.what == "interface endpoint"]
    assert len(lines) > 5
    assert {line.quantity.expected for line in lines} == {Decimal(1460)}
    assert "NAT gateway" not in amounts(found)


def test_the_address_of_a_nat_gateway_is_billed() -> None:
    assert amounts(estimated())["public IPv4 address"] == Decimal("3.65")


def test_a_stack_in_a_network_of_the_team_pays_for_no_nat() -> None:
    assert "NAT gateway" not in amounts(estimated(stacks.OPTIONS["existing"]))


def test_a_tracking_server_that_no_source_had_a_price_of_is_no_zero() -> None:
    found = estimated(stacks.OPTIONS["server"])
    (unpriced,) = found.unpriced
    assert unpriced.resource == "MlflowTrackingServer mlflow"
    assert "mlflow-tracking-server-medium in eu-west-1" in unpriced.reason


def test_the_first_worker_and_two_schedulers_are_in_an_environments_hours() -> None:
    small, large = estimated(), estimated(more="size: large\n")
    assert not [line for line in small.lines if "worker" in line.charge.sku]
    (workers,) = [line for line in large.lines if line.charge.sku.endswith("-worker")]
    assert workers.charge.kind == "usage"


def test_jobs_are_priced_at_the_machine_that_runs_them() -> None:
    (line,) = [line for line in estimated().lines if line.charge.usage == "jobHours"]
    assert line.charge.sku == "ml.m5.large"
    gpu = estimated({"compute": {"instanceType": "ml.g5.xlarge"}})
    (line,) = [line for line in gpu.lines if line.charge.usage == "jobHours"]
    assert line.charge.sku == "ml.g5.xlarge"


def test_a_stack_file_says_its_own_usage() -> None:
    found = estimated({"cost": {"usage": {"jobHours": 100, "dataGb": [1, 2, 3]}}})
    (line,) = [line for line in found.lines if line.charge.usage == "jobHours"]
    assert line.quantity.low == line.quantity.high == 100
    assert found.assumptions["dataGb"].value.high == 3
    assert found.assumptions["jobHours"].is_own
    assert not found.assumptions["logsGb"].is_own


@pytest.mark.parametrize(
    ("usage", "said"),
    [
        ({"jobHour": 1}, "did you mean jobHours?"),
        ({"jobHours": -1}, "write a number from 0 on"),
        ({"jobHours": [1, 2]}, "the list [1, 2]"),
        ({"jobHours": [3, 2, 1]}, "the list [3, 2, 1]"),
        ({"jobHours": True}, "write a number from 0 on"),
        ({"jobHours": "many"}, "write a number from 0 on"),
    ],
)
def test_wrong_usage_is_refused(usage: Mapping[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=r"cost\.usage") as refused:
        stacks.planned({"cost": {"usage": usage}})
    assert said in str(refused.value)


def test_a_region_that_the_book_lacks_has_no_prices_of_another() -> None:
    found = estimated({"region": "ca-central-1", "engine": "managed"})
    assert not [line for line in found.lines if line.usd.high]
    assert "in ca-central-1" in found.unpriced[0].reason


def as_set_up(plan: Plan[Any]) -> StackState:
    """The state that the engine writes of a plan, with the inputs of a dry run."""
    stack = {
        "type": STACK_TYPE,
        "urn": "urn::stack",
        "outputs": {"definition": definition_of(plan)},
    }
    made = [
        {"type": each.type, "urn": f"urn::{each.name}", "custom": True, "inputs": each.inputs}
        for each in record_graph(plan)
        if each.custom
    ]
    return StackState(exists=True, resources=[stack, *made])


def changed(
    tmp_path: Path, before: Mapping[str, Any], after: Mapping[str, Any], more: str = ""
) -> costs.Costs:
    """What an edit of the settings, and of platform.yaml by `more`, costs a stack."""
    project = platforms.project_of(stacks.SMALLEST, tmp_path / "project")
    prior = platforms.plan_of(project, "aws", settings=before)
    with (project / "platform.yaml").open("a") as file:
        file.write(more)
    plan = platforms.plan_of(project, "aws", settings=after)
    stack = SimpleNamespace(
        plan=plan, name=plan.stack, project=Project(project), graph=record_graph(plan)
    )
    found = costs.compare(cast(Stack, stack), as_set_up(prior), platforms.TODAY)
    assert found is not None
    return found


def test_an_edit_costs_what_its_lines_differ_by(tmp_path: Path) -> None:
    found = changed(tmp_path, {}, {}, "orchestration: {engine: managed}\n").delta
    assert found is not None
    assert found.monthly is not None
    lines = {line.what: line for line in found.lines}
    assert lines["Airflow mw1.small"].change == "removed"
    assert lines["Airflow mw1.small"].difference == Decimal("-357.70")
    assert round(found.monthly) == round(sum(line.difference for line in found.lines))


def test_no_edit_costs_nothing_more(tmp_path: Path) -> None:
    found = changed(tmp_path, {}, {})
    assert found.delta is not None
    assert found.delta.lines == []
    assert found.delta.monthly == 0


def test_an_edit_to_something_without_a_price_is_no_saving(tmp_path: Path) -> None:
    server = {"tracking": {"server": "tracking-server", "size": "Medium"}}
    found = changed(tmp_path, {}, server)
    assert found.delta is not None
    assert found.delta.monthly is None


def test_more_usage_is_a_changed_line(tmp_path: Path) -> None:
    found = changed(tmp_path, {}, {"cost": {"usage": {"jobHours": 400}}})
    assert found.delta is not None
    (line,) = found.delta.lines
    assert (line.change, line.what) == ("changed", "jobs on ml.m5.large")
    assert line.difference == found.delta.monthly
