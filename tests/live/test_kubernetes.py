"""A platform on a real cluster: proved, unchanged when nothing changed, healed, closed, gone."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pilothouse.targets.kubernetes.access import COMPONENTS, NAME, OPENINGS, PORTS
from tests.cluster.cluster import Cluster
from tests.cluster.fixtures import cluster as cluster  # noqa: PLC0414 - a fixture
from tests.cluster.settings import PLATFORM
from tests.support.clusters import ClusterStack, cluster_stack

pytestmark = [pytest.mark.live, pytest.mark.timeout(1500)]

PLACES = {"bucket", "orchestrator", "tracking", "registry"}
REACH = """
import json, socket, sys, time
found = {}
for name, address, port in json.loads(sys.argv[1]):
    try:
        socket.create_connection((address, port), timeout=2).close()
        found[name] = True
    except OSError:
        found[name] = False
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def platform(cluster: Cluster) -> Iterator[ClusterStack]:
    """A platform that is up; a test that hurts it heals it. Nothing of it may be left."""
    with cluster_stack(cluster.kubeconfig, "pilot") as made:
        made.stack.run("up")
        yield made
        made.stack.run("down", "--yes")
        names = [each.metadata.name for each in made.core.list_namespace().items]
        assert "pilot" not in names
        assert made.core.list_persistent_volume().items == []


def eventually(what: Callable[[], Any], *, seconds: float) -> Any:
    deadline = time.monotonic() + seconds
    while not (answer := what()):
        assert time.monotonic() < deadline
        time.sleep(1.0)
    return answer


def all_ready(platform: ClusterStack) -> bool:
    services = platform.stack.json("status")["services"]
    return all(service["state"] == "running" for service in services)


def test_the_workload_is_proved_and_its_data_outlives_every_pod(platform: ClusterStack) -> None:
    first = platform.stack.json("verify")
    assert {evidence["place"] for evidence in first["evidence"]} == PLACES
    for pod in platform.pods():
        platform.core.delete_namespaced_pod(pod.metadata.name, platform.namespace)
    time.sleep(5)
    platform.stack.run("up")
    second = platform.stack.json("verify")
    versions = [found(proof, "registry") for proof in (first, second)]
    assert [version.rpartition(" ")[2] for version in versions] == ["1", "2"]


def found(proof: Any, place: str) -> str:
    return next(str(each["found"]) for each in proof["evidence"] if each["place"] == place)


def test_a_second_up_and_a_raw_preview_change_nothing(platform: ClusterStack) -> None:
    assert set(platform.stack.json("up")["changes"]) == {"same"}
    platform.stack.pulumi("preview", "--expect-no-changes")


def test_what_somebody_changed_is_seen_and_healed(platform: ClusterStack) -> None:
    apps, core, namespace = platform.apps, platform.core, platform.namespace
    apps.patch_namespaced_deployment_scale("mlflow", namespace, {"spec": {"replicas": 1}})
    core.delete_namespaced_service("airflow-api-server", namespace)
    changes = platform.stack.json("preview", "--refresh")["changes"]
    assert set(changes) - {"same", "refresh"}
    platform.stack.run("up")
    assert apps.read_namespaced_deployment("mlflow", namespace).spec.replicas == 2
    assert core.read_namespaced_service("airflow-api-server", namespace)
    assert set(platform.stack.json("up")["changes"]) == {"same"}


@pytest.fixture(scope="module")
def reached(platform: ClusterStack) -> dict[str, dict[str, bool]]:
    """For each component, which servers a pod with its label reaches."""
    services = {name: _address(platform, name) for name in PORTS}
    for component in COMPONENTS:
        platform.core.create_namespaced_pod(
            platform.namespace, _client(component, [*services.values()])
        )
    answers = {component: _answer(platform, component) for component in COMPONENTS}
    for component in COMPONENTS:
        platform.core.delete_namespaced_pod(
            f"probe-{component}", platform.namespace, grace_period_seconds=0
        )
    return answers


def _address(platform: ClusterStack, name: str) -> tuple[str, str, int]:
    service = platform.core.read_namespaced_service(name, platform.namespace)
    return (name, service.spec.cluster_ip, PORTS[name])


def _client(component: str, servers: list[tuple[str, str, int]]) -> dict[str, Any]:
    """A pod that is never ready, so that no Service sends anybody to it."""
    container = {
        "name": "probe",
        "image": PLATFORM,
        "imagePullPolicy": "Never",
        "command": ["python3", "-c", REACH, json.dumps(servers)],
        "readinessProbe": {"exec": {"command": ["false"]}},
        "resources": {"requests": {"cpu": "5m", "memory": "16Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        },
    }
    return {
        "metadata": {"name": f"probe-{component}", "labels": {NAME: component}},
        "spec": {
            "automountServiceAccountToken": False,
            "restartPolicy": "Never",
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 10001,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [container],
        },
    }


def _answer(platform: ClusterStack, component: str) -> dict[str, bool]:
    name, core, namespace = f"probe-{component}", platform.core, platform.namespace

    def ended() -> bool:
        pod = core.read_namespaced_pod(name, namespace)
        return bool(pod.status.phase in ("Succeeded", "Failed"))

    eventually(ended, seconds=120)
    # The client would turn JSON into Python's own notation.
    log = core.read_namespaced_pod_log(name, namespace, _preload_content=False)
    return dict(json.loads(log.data))


@pytest.mark.parametrize("client", COMPONENTS)
def test_a_client_reaches_its_servers_and_no_other(
    reached: dict[str, dict[str, bool]], client: str
) -> None:
    allowed = {server: server in OPENINGS.get(client, ()) for server in PORTS}
    assert reached[client] == allowed


def test_an_image_that_is_not_there_is_named_and_the_next_up_converges(
    platform: ClusterStack,
) -> None:
    platform.settings(mlflow="pilothouse.test/missing:1")
    began = time.monotonic()
    output = platform.stack.run("up", expect=1)
    assert "pilothouse.test/missing:1" in output
    assert time.monotonic() - began < 120
    platform.settings()
    platform.stack.run("up")
    assert all_ready(platform)
    assert set(platform.stack.json("up")["changes"]) == {"same"}


def test_a_namespace_of_somebody_else_is_refused_before_anything_is_made(
    cluster: Cluster,
) -> None:
    with cluster_stack(cluster.kubeconfig, "foreign") as made:
        made.core.create_namespace({"metadata": {"name": "foreign"}})
        output = made.stack.run("up", expect=2)
        assert "there, and not of this stack" in output
        assert made.core.list_namespaced_secret("foreign").items == []


def test_a_cluster_that_does_not_answer_is_refused_with_the_remedy(
    cluster: Cluster, tmp_path: Any
) -> None:
    text = cluster.kubeconfig.read_text()
    nowhere = tmp_path / "kubeconfig"
    nowhere.write_text(text.replace(":6443", ":1"))
    with cluster_stack(cluster.kubeconfig, "nowhere") as made:
        output = made.stack.run("up", expect=2, KUBECONFIG=str(nowhere))
    assert "does not answer" in output
    assert "kubectl cluster-info" in output
