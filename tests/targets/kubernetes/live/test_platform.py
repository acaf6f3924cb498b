"""A platform on a real cluster: proved, unchanged when nothing changed, healed, closed, gone."""

from __future__ import annotations

import os
import time
from pathlib import Path

import httpx
import pytest
from testkit.support.clusters import ClusterStack
from testkit.support.consoles import airflow_session

from tests.targets.kubernetes.live.platform import Failure, all_run, opened, version_of

pytestmark = [pytest.mark.live, pytest.mark.timeout(1500)]

TAMPERED = "AIRFLOW__CORE__LOAD_EXAMPLES"
PLACES = {"bucket", "orchestrator", "tracking", "registry"}


def test_a_volume_that_nobody_makes_is_named_and_the_next_up_converges(
    hindered: Failure, platform: ClusterStack
) -> None:
    hindered.tells("postgres does not get ready", "unbound immediate PersistentVolumeClaims")
    assert all_run(platform)


def test_the_workload_is_proved_and_its_data_outlives_every_pod(platform: ClusterStack) -> None:
    first = platform.stack.json("verify")
    assert {evidence["place"] for evidence in first["evidence"]} == PLACES
    for pod in platform.pods():
        platform.core.delete_namespaced_pod(pod.metadata.name, platform.namespace)
    time.sleep(5)
    platform.stack.run("up")
    second = platform.stack.json("verify")
    assert version_of(second) == version_of(first) + 1


def test_people_log_in_at_the_ports_that_open_forwards(platform: ClusterStack) -> None:
    with opened(platform) as contract:
        orchestration, tracking = contract["orchestration"], contract["tracking"]
        login = dict(orchestration.login)
        for name in ("127.0.0.1", "localhost"):
            base = orchestration.console.replace("127.0.0.1", name)
            with airflow_session(base, login) as browser:
                assert browser.get("/api/v2/dags").is_success
        people = (tracking.login["username"], tracking.login["password"])
        assert httpx.get(f"{tracking.console}/", auth=people, timeout=30).is_success


def test_a_second_up_and_previews_change_nothing(platform: ClusterStack) -> None:
    assert set(platform.stack.json("up")["changes"]) == {"same"}
    platform.stack.run("preview", "--expect-no-changes")
    platform.stack.pulumi("preview", "--expect-no-changes")


def test_a_kubeconfig_at_another_path_serves_as_well(
    platform: ClusterStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Path(os.environ["KUBECONFIG"]), tmp_path / "config"
    first.rename(second)
    try:
        monkeypatch.setenv("KUBECONFIG", str(second))
        platform.stack.run("preview", "--refresh", "--expect-no-changes")
        assert set(platform.stack.json("up")["changes"]) == {"same"}
        state = platform.stack.pulumi("stack", "export")
        assert str(first) not in state
        assert str(second) not in state
    finally:
        second.rename(first)


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
