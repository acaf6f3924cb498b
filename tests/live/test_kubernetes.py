"""A platform on a real cluster: proved, unchanged when nothing changed, healed, closed, gone."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from pilothouse.targets.kubernetes.access import COMPONENTS, OPENINGS, PORTS
from tests.cluster.cluster import Cluster
from tests.cluster.fixtures import cluster as cluster  # noqa: PLC0414 - a fixture
from tests.cluster.settings import PLATFORM, SAME_PLATFORM
from tests.support.cluster_clients import client_pod, polling, running
from tests.support.clusters import ClusterStack, cluster_stack

pytestmark = [pytest.mark.live, pytest.mark.timeout(1500)]

MISSING = "pilothouse.test/missing:1"
TAMPERED = "AIRFLOW__CORE__LOAD_EXAMPLES"
PLACES = {"bucket", "orchestrator", "tracking", "registry"}
# Policies take a moment to know a new pod: a server is reached if any of three attempts is.
REACH = """
import json, socket, sys, time
found = {}
for _ in range(3):
    for name, address, port in json.loads(sys.argv[1]):
        try:
            socket.create_connection((address, port), timeout=2).close()
            found[name] = True
        except OSError:
            found.setdefault(name, False)
    time.sleep(2)
print(json.dumps(found))
"""
SOON = 120.0  # seconds of a command that fails: its refresh, and what the double waits
VOLUMES = "pilot-volumes"  # the StorageClass of the platform


@pytest.fixture(scope="module")
def empty(cluster: Cluster) -> Iterator[ClusterStack]:
    """A stack that is not up yet. Nothing of it may be left at the end."""
    with cluster_stack(cluster.kubeconfig, "pilot") as made:
        change_image(made)
        yield made
        made.stack.run("down", "--yes")
        assert made.traces() == []


@pytest.fixture(scope="module")
def hindered(empty: ClusterStack) -> Iterator[Failure]:
    """What `up` says while nobody makes its volumes. After that somebody does."""
    empty.storage.create_storage_class(storage_class("nobody", "Immediate"))
    try:
        yield failing_up(empty)
    finally:
        empty.storage.delete_storage_class(VOLUMES)


@pytest.fixture(scope="module")
def platform(empty: ClusterStack, hindered: Failure) -> ClusterStack:
    """A platform that is up, after an `up` that failed; a test that hurts it heals it."""
    empty.storage.delete_storage_class(VOLUMES)
    empty.storage.create_storage_class(storage_class("hostpath", "WaitForFirstConsumer"))
    empty.stack.run("up")
    return empty


def storage_class(provisioner: str, mode: str) -> dict[str, Any]:
    return {
        "metadata": {"name": VOLUMES},
        "provisioner": f"pilothouse.test/{provisioner}",
        "volumeBindingMode": mode,
        "reclaimPolicy": "Delete",
    }


@dataclass(frozen=True)
class Failure:
    """What a command said that failed, and after how many seconds."""

    output: str
    seconds: float

    def tells(self, *words: str) -> None:
        """It was over soon, and said so."""
        print(f"failed after {self.seconds:.1f} s")  # noqa: T201 - a figure
        for word in words:
            assert word in self.output
        assert self.seconds < SOON


def failure(command: Callable[[], str]) -> Failure:
    began = time.monotonic()
    return Failure(command(), time.monotonic() - began)


def failing_up(platform: ClusterStack) -> Failure:
    return failure(lambda: platform.stack.run("up", expect=1))


def eventually(what: Callable[[], Any], *, seconds: float) -> Any:
    deadline = time.monotonic() + seconds
    while not (answer := what()):
        assert time.monotonic() < deadline
        time.sleep(1.0)
    return answer


def all_ready(platform: ClusterStack) -> bool:
    services = platform.stack.json("status")["services"]
    return all(service["state"] == "running" for service in services)


def change_image(platform: ClusterStack, **images: str) -> None:
    platform.settings(storage_class=VOLUMES, **images)


def image_of(platform: ClusterStack, component: str) -> str:
    spec = platform.apps.read_namespaced_deployment(component, platform.namespace).spec
    return str(spec.template.spec.containers[0].image)


def test_a_volume_that_nobody_makes_is_named_and_the_next_up_converges(
    hindered: Failure, platform: ClusterStack
) -> None:
    hindered.tells("postgres does not get ready", "unbound immediate PersistentVolumeClaims")
    assert all_ready(platform)


def test_the_workload_is_proved_and_its_data_outlives_every_pod(platform: ClusterStack) -> None:
    first = platform.stack.json("verify")
    assert {evidence["place"] for evidence in first["evidence"]} == PLACES
    for pod in platform.pods():
        platform.core.delete_namespaced_pod(pod.metadata.name, platform.namespace)
    time.sleep(5)
    platform.stack.run("up")
    second = platform.stack.json("verify")
    assert version_of(second) == version_of(first) + 1


def version_of(proof: Any) -> int:
    """The version of the model that a proof has registered."""
    places = {each["place"]: str(each["found"]) for each in proof["evidence"]}
    return int(places["registry"].rpartition(" ")[2])


def test_a_second_up_and_previews_change_nothing(platform: ClusterStack) -> None:
    assert set(platform.stack.json("up")["changes"]) == {"same"}
    platform.stack.run("preview", "--expect-no-changes")
    platform.stack.pulumi("preview", "--expect-no-changes")


def test_what_somebody_changed_is_seen_and_healed(platform: ClusterStack) -> None:
    apps, core, namespace = platform.apps, platform.core, platform.namespace
    apps.patch_namespaced_deployment_scale("mlflow", namespace, {"spec": {"replicas": 1}})
    core.patch_namespaced_config_map("airflow", namespace, {"data": {TAMPERED: "True"}})
    core.delete_namespaced_service("airflow-api-server", namespace)
    seen = platform.stack.run("preview", "--refresh")
    for thing in ("Deployment mlflow", "ConfigMap airflow", "Service airflow-api-server"):
        assert f"{thing} would be" in seen
    platform.stack.run("up")
    assert apps.read_namespaced_deployment("mlflow", namespace).spec.replicas == 2
    assert core.read_namespaced_config_map("airflow", namespace).data[TAMPERED] == "False"
    assert core.read_namespaced_service("airflow-api-server", namespace)
    assert set(platform.stack.json("up")["changes"]) == {"same"}


@pytest.mark.long
def test_runs_end_well_while_each_pod_is_deleted_in_turn(platform: ClusterStack) -> None:
    with running(platform) as states:
        for pod in platform.pods():
            platform.core.delete_namespaced_pod(pod.metadata.name, platform.namespace)
            eventually(lambda: not going(platform) and are_ready(platform), seconds=240)
    print(f"{len(states)} runs: {states}")  # noqa: T201 - a figure
    assert len(states) > 1
    assert set(states) == {"success"}


def are_ready(platform: ClusterStack) -> bool:
    apps, namespace = platform.apps, platform.namespace
    sets = [
        *apps.list_namespaced_deployment(namespace).items,
        *apps.list_namespaced_stateful_set(namespace).items,
    ]
    return all((each.status.ready_replicas or 0) == each.spec.replicas for each in sets)


def going(platform: ClusterStack) -> bool:
    return any(pod.metadata.deletion_timestamp for pod in platform.pods())


@pytest.mark.long
def test_a_rolling_change_of_images_loses_no_request_and_no_run(platform: ClusterStack) -> None:
    namespace = platform.namespace
    mlflow, airflow = f"http://mlflow.{namespace}.svc:5000", "http://airflow-api-server:8080"
    tracking = (f"{mlflow}/health", f"{mlflow}/api/2.0/mlflow/registered-models/search")
    orchestration = (f"{airflow}/execution/health", f"{airflow}/api/v2/version")
    with (
        polling(platform, "workload", *tracking, secret="workload") as of_mlflow,
        polling(platform, "airflow-task", *orchestration) as of_airflow,
        running(platform) as states,
    ):
        other = other_image(platform)
        change_image(platform, mlflow=other, airflow=other)
        platform.stack.run("up")
        assert {image_of(platform, name) for name in ("mlflow", "airflow-scheduler")} == {other}
    print(f"MLflow: {of_mlflow}. Airflow: {of_airflow}. Runs: {states}")  # noqa: T201 - figures
    assert of_mlflow.failed == of_airflow.failed == []
    assert min(of_mlflow.asked, of_airflow.asked) > 100
    assert set(states) == {"success"}


def other_image(platform: ClusterStack) -> str:
    """The tag of the same image that MLflow does not run by."""
    return PLATFORM if image_of(platform, "mlflow") == SAME_PLATFORM else SAME_PLATFORM


@pytest.fixture(scope="module")
def reached(platform: ClusterStack) -> dict[str, dict[str, bool]]:
    """For each component, which servers a pod with its label reaches."""
    services = {name: _address(platform, name) for name in PORTS}
    for component in COMPONENTS:
        platform.core.create_namespaced_pod(
            platform.namespace,
            client_pod(f"probe-{component}", component, REACH, json.dumps([*services.values()])),
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


@pytest.fixture(scope="module")
def failures(platform: ClusterStack) -> dict[str, Failure]:
    """What commands say that fail, one after another; the `up` after them all converges."""
    found = {}
    change_image(platform, mlflow=MISSING)
    found["image"] = failing_up(platform)
    with full_quota(platform):
        change_image(platform, mlflow=other_image(platform))
        found["quota"] = failing_up(platform)
    platform.core.delete_namespaced_secret("mlflow", platform.namespace)
    # Raw, and without a look at the cluster, which would bring the Secret back.
    up = ("up", "--yes", "--skip-preview")
    found["secret"] = failure(lambda: platform.stack.pulumi(*up, fails=True))
    change_image(platform)
    platform.stack.run("up")
    return found


@contextmanager
def full_quota(platform: ClusterStack) -> Iterator[None]:
    core, namespace = platform.core, platform.namespace
    full = {"metadata": {"name": "full"}, "spec": {"hard": {"pods": "1"}}}
    core.create_namespaced_resource_quota(namespace, full)
    try:
        yield
    finally:
        core.delete_namespaced_resource_quota("full", namespace)


def test_an_image_that_is_not_there_is_named(failures: dict[str, Failure]) -> None:
    failures["image"].tells(MISSING, "mlflow-setup does not get ready")


def test_a_full_quota_is_named(failures: dict[str, Failure]) -> None:
    failures["quota"].tells("exceeded quota: full", "mlflow-setup does not get ready")


def test_a_secret_that_is_missing_is_named(failures: dict[str, Failure]) -> None:
    failures["secret"].tells('secret "mlflow" not found')


def test_an_up_after_failures_converges(
    failures: dict[str, Failure], platform: ClusterStack
) -> None:
    assert len(failures) == len({"image", "quota", "secret"})
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
