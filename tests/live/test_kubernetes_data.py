"""On a real cluster, data outlive the loss of a volume, and a teardown if that is asked for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import httpx
import pytest

from tests.cluster.cluster import Cluster
from tests.cluster.fixtures import cluster as cluster  # noqa: PLC0414 - a fixture
from tests.live.test_kubernetes import eventually, found
from tests.support.clusters import ClusterStack, cluster_stack

pytestmark = [pytest.mark.live, pytest.mark.timeout(1500)]


@pytest.fixture(scope="module")
def platform(cluster: Cluster) -> Iterator[ClusterStack]:
    """A platform that is up and proved once; nothing of it may be left."""
    with cluster_stack(cluster.kubeconfig, "data") as made:
        made.stack.run("up")
        yield made
        made.stack.run("down", "--yes")
        assert "data" not in [each.metadata.name for each in made.core.list_namespace().items]
        assert volumes(made) == []


def volumes(platform: ClusterStack) -> list[str]:
    found = platform.core.list_persistent_volume().items
    return [each.metadata.name for each in found if each.spec.claim_ref.namespace == "data"]


@contextmanager
def opened(platform: ClusterStack) -> Iterator[dict[str, Any]]:
    """The contract by ports of this machine, with its secrets."""
    from pilothouse.lifecycle import commands

    stack = commands.open_stack(platform.stack.project, platform.stack.name, today=None)
    with stack.operations.reachable(stack.plan, stack.contract()) as contract:
        yield dict(contract)


def versions(platform: ClusterStack) -> list[str]:
    """The versions of models that MLflow's registry has, by asking it."""
    with opened(platform) as contract:
        tracking = contract["tracking"]
        login = tracking.login["username"], tracking.login["password"]
        url = f"{tracking.uri}/api/2.0/mlflow/model-versions/search"
        answer = httpx.get(url, auth=login, timeout=30)
    assert answer.status_code == HTTPStatus.OK, answer.text
    return sorted(each["version"] for each in answer.json().get("model_versions", []))


def back_up(platform: ClusterStack) -> None:
    """A backup now: a Job of the CronJob, as `kubectl create job --from` makes it."""
    from kubernetes.client import BatchV1Api

    batch: Any = BatchV1Api(platform.core.api_client)
    of = batch.read_namespaced_cron_job("postgres-backup", platform.namespace)
    name = f"backup-{time.time_ns()}"
    body = {"metadata": {"name": name}, "spec": of.spec.job_template.spec}
    batch.create_namespaced_job(platform.namespace, body)

    def ended() -> Any:
        return batch.read_namespaced_job(name, platform.namespace).status.conditions

    conditions = eventually(ended, seconds=180)
    assert "Complete" in [condition.type for condition in conditions], conditions


def lose_the_database(platform: ClusterStack) -> None:
    """Delete the claim of its volume, and the pod that holds on to it."""
    core, namespace = platform.core, platform.namespace
    before = volumes(platform)
    core.delete_namespaced_persistent_volume_claim("postgres", namespace)
    core.delete_namespaced_pod("postgres-0", namespace, grace_period_seconds=0)
    eventually(lambda: len(volumes(platform)) < len(before), seconds=120)


def test_a_lost_volume_is_restored_from_the_bucket(platform: ClusterStack) -> None:
    first = platform.stack.json("verify")
    back_up(platform)
    back_up(platform)
    backups = platform.stack.json("restore", "--list")["backups"]
    assert [each["bytes"] > 0 for each in backups] == [True, True]
    lose_the_database(platform)
    platform.stack.run("up")
    assert versions(platform) == []
    platform.stack.run("restore", "--yes")
    assert versions(platform) == ["1"]
    assert set(platform.stack.json("up")["changes"]) == {"same"}
    again = platform.stack.json("verify")
    assert found(first, "registry").rpartition(" ")[2] == "1"
    assert found(again, "registry").rpartition(" ")[2] == "2"


def test_kept_data_are_found_by_a_later_up(platform: ClusterStack) -> None:
    platform.stack.json("verify")
    before, kept = versions(platform), sorted(volumes(platform))
    document = platform.stack.json("down", "--yes", "--keep-data")
    names = {each["name"] for each in document["kept"]}
    assert names == {platform.namespace, *kept}
    assert remaining(platform) == []
    assert sorted(volumes(platform)) == kept
    output = platform.stack.run("status", expect=1)
    assert "nothing of it runs" in output
    platform.stack.run("up")
    assert versions(platform) == before
    after = platform.stack.json("verify")
    assert found(after, "registry").rpartition(" ")[2] == str(len(before) + 1)


def remaining(platform: ClusterStack) -> list[str]:
    """What is in the namespace, but for what every namespace has of itself."""
    core, apps, namespace = platform.core, platform.apps, platform.namespace
    calls = (
        core.list_namespaced_pod,
        core.list_namespaced_service,
        core.list_namespaced_secret,
        apps.list_namespaced_deployment,
        apps.list_namespaced_stateful_set,
    )
    return [each.metadata.name for call in calls for each in call(namespace).items]
