"""What a stack on a cluster is billed for, at the prices that its file says."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pilothouse.cost.estimate import Estimate
from pilothouse.cost.price_book import Unpriced
from pilothouse.errors import InvalidInput
from pilothouse.lifecycle import costs
from pilothouse.plan import Plan
from pilothouse.targets.kubernetes.objects import billing
from tests.targets.suite import platforms

EXAMPLE = platforms.ROOT / "examples" / "minimal.yaml"
NODE = {
    "provider": "aws",
    "machine": "m5.xlarge",
    "region": "eu-west-1",
    "cpu": 4,
    "memory": "16Gi",
}


def planned(folder: Path, cost: Mapping[str, Any]) -> Plan[Any]:
    project = platforms.project_of(EXAMPLE, folder / "project")
    return platforms.plan_of(project, "kubernetes", settings={"cost": cost})


def estimated(folder: Path, cost: Mapping[str, Any]) -> Estimate:
    found = costs.estimate_plan(planned(folder, cost), platforms.TODAY)
    assert found is not None
    return found


def sum_of(estimate: Estimate, sku: str, kind: str = "fixed") -> Decimal:
    lines = [line for line in estimate.lines if (line.charge.sku, line.charge.kind) == (sku, kind)]
    return sum((line.usd.expected for line in lines), Decimal(0))


def test_without_prices_nothing_is_estimated_and_what_to_set_is_said(tmp_path: Path) -> None:
    found = estimated(tmp_path, {})
    assert found.lines == []
    reasons = {each.reason for each in found.unpriced}
    assert len(reasons) == 2
    assert any("set cost.cpuHour and cost.memoryHour, or cost.node" in each for each in reasons)
    assert any("set cost.volumeMonth" in each for each in reasons)


def test_requests_and_volumes_are_priced_by_core_and_gib(tmp_path: Path) -> None:
    found = estimated(tmp_path, {"cpuHour": 1, "memoryHour": 0, "volumeMonth": 2})
    cores = sum_of(found, billing.CPU) / 730
    assert Decimal("0.3") < cores < Decimal(2)
    assert sum_of(found, billing.VOLUME) == 2 * sum(
        line.quantity.expected for line in found.lines if line.charge.sku == billing.VOLUME
    )
    assert found.is_complete
    assert found.confidence == "yours"
    assert sum_of(found, billing.CPU, "usage") > 0


def test_a_nodes_price_is_shared_by_its_cores_and_its_memory(tmp_path: Path) -> None:
    """A platform that asked for all of a node would cost what the node is listed at."""
    prices = {
        line.charge.sku: line.price
        for line in estimated(tmp_path, {"node": NODE, "volumeMonth": 0.1}).lines
    }
    cpu, memory = prices[billing.CPU], prices[billing.MEMORY]
    whole = 4 * cpu.tiers[0].usd + 16 * memory.tiers[0].usd
    assert round(whole, 6) == Decimal("0.214")
    assert round(cpu.tiers[0].usd / memory.tiers[0].usd, 2) == Decimal("7.46")
    assert cpu.confidence == "derived"
    assert cpu.effective


def test_a_machine_that_the_book_lacks_is_refused(tmp_path: Path) -> None:
    plan = planned(tmp_path, {"node": {**NODE, "machine": "m5.xlage"}})
    with pytest.raises(Unpriced, match=r"did you mean m5\.xlarge"):
        costs.estimate_plan(plan, platforms.TODAY)


@pytest.mark.parametrize(
    ("cost", "said"),
    [
        ({"cpuHour": 1}, "cost.memoryHour"),
        ({"cpuHour": 1, "memoryHour": 1, "node": NODE}, "cost.node"),
        ({"cpuHour": -1, "memoryHour": 1}, "cost.cpuHour"),
        ({"usage": {"stepHour": 1}}, "did you mean stepHours?"),
    ],
)
def test_wrong_prices_are_refused(tmp_path: Path, cost: Mapping[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        planned(tmp_path, cost)
    assert said in str(refused.value)


def pod(*cpu: str, first: str = "1m") -> dict[str, Any]:
    def containers(*requests: str) -> list[dict[str, Any]]:
        return [{"resources": {"requests": {"cpu": each, "memory": "1Gi"}}} for each in requests]

    return {"containers": containers(*cpu), "initContainers": containers(first)}


@pytest.mark.parametrize(
    ("spec", "cores"),
    [(pod("100m", "400m"), "0.5"), (pod("100m", first="2"), "2"), (pod("1"), "1")],
)
def test_a_node_keeps_free_what_the_containers_need_or_the_largest_before_them(
    spec: Mapping[str, Any], cores: str
) -> None:
    inputs = {"spec": {"replicas": 3, "template": {"spec": spec}}}
    found = billing.billing("kubernetes:apps/v1:Deployment", inputs)
    assert isinstance(found, list)
    assert found[0].quantity == Decimal(cores) * 3 * 730


def test_a_load_balancer_is_billed_and_a_cluster_ip_is_not() -> None:
    kind = "kubernetes:core/v1:Service"
    found = billing.billing(kind, {"spec": {"type": "LoadBalancer"}})
    assert isinstance(found, list)
    assert found[0].sku == billing.LOAD_BALANCER
    assert not isinstance(billing.billing(kind, {"spec": {"type": "ClusterIP"}}), list)
