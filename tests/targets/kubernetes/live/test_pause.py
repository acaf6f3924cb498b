"""A pause on a real cluster: no pod is left, volumes stay, and `up` starts everything again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from testkit.support.clusters import ClusterStack, cluster_stack

from tests.targets.kubernetes.live.test_team_dags import airflow

if TYPE_CHECKING:
    from testkit.cluster.cluster import Cluster

pytestmark = [pytest.mark.live, pytest.mark.timeout(1500)]

SPACE = "paused"


@pytest.fixture(scope="module")
def pilot(cluster: Cluster) -> Iterator[ClusterStack]:
    with cluster_stack(cluster.kubeconfig, SPACE) as made:
        made.settings(more={"cost": {"cpuHour": 0.03, "memoryHour": 0.004, "volumeMonth": 0.1}})
        made.stack.run("up")
        yield made
        made.stack.run("down", "--yes")


def running(pilot: ClusterStack) -> list[str]:
    pods = pilot.core.list_namespaced_pod(SPACE).items
    return [pod.metadata.name for pod in pods if pod.status.phase in ("Pending", "Running")]


def test_a_paused_stack_has_no_pod_and_goes_on_with_its_data(pilot: ClusterStack) -> None:
    assert airflow(pilot, "pools", "set", "kept", "3", "over a pause").returncode == 0
    volumes = claims(pilot)
    said = pilot.stack.run("pause", "--yes")
    assert "a month costs $2.00 while it is paused" in said
    assert running(pilot) == []
    assert claims(pilot) == volumes
    pilot.stack.run("up")
    assert airflow(pilot, "pools", "get", "kept").returncode == 0
    assert pilot.stack.json("preview", "--refresh", "--expect-no-changes")


def claims(pilot: ClusterStack) -> set[str]:
    """What the cluster knows the volumes' claims by: another one of the same name has another."""
    found = pilot.core.list_namespaced_persistent_volume_claim(SPACE).items
    return {str(each.metadata.uid) for each in found if each.metadata}
