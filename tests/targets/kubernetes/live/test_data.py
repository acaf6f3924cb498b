"""On a real cluster, data outlive the loss of a volume, and a teardown if that is asked for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import httpx
import pytest
from testkit.support.clusters import ClusterStack
from testkit.support.waiting import eventually

from tests.targets.kubernetes.live.platform import opened, version_of

pytestmark = [pytest.mark.live, pytest.mark.long, pytest.mark.timeout(1500)]


@contextmanager
def mlflow(platform: ClusterStack) -> Iterator[httpx.Client]:
    """MLflow's API, as its admin."""
    with opened(platform) as contract:
        tracking = contract["tracking"]
        login = tracking.login["username"], tracking.login["password"]
        url = f"{tracking.uri}/api/2.0"
        with httpx.Client(base_url=url, auth=login, timeout=30) as client:
            yield client


def versions(platform: ClusterStack) -> list[str]:
    """The versions of models that MLflow's registry has, by asking it."""
    with mlflow(platform) as client:
        answer = client.get("/mlflow/model-versions/search").raise_for_status()
    return sorted(each["version"] for each in answer.json().get("model_versions", []))


def runs_of_airflow(platform: ClusterStack) -> set[str]:
    """The runs of every DAG that Airflow knows, by asking it."""
    with opened(platform) as contract:
        airflow = contract["orchestration"]
        with httpx.Client(base_url=airflow.uri, timeout=30) as client:
            token = client.post("/auth/token", json=dict(airflow.login)).raise_for_status().json()
            header = {"Authorization": f"Bearer {token['access_token']}"}
            runs = client.get("/api/v2/dags/~/dagRuns", headers=header).raise_for_status()
    return {each["dag_run_id"] for each in runs.json()["dag_runs"]}


def run_now(platform: ClusterStack, cron_job: str, *, last: str = "") -> None:
    """A Job of a CronJob, as `kubectl create job --from` makes it; it must end well.

    With `last`, that is the last word of its command.
    """
    from kubernetes.client import BatchV1Api

    batch: Any = BatchV1Api(platform.core.api_client)
    spec = batch.read_namespaced_cron_job(cron_job, platform.namespace).spec.job_template.spec
    if last:
        spec.template.spec.containers[0].command[-1] = last
    name = f"{cron_job}-{time.time_ns()}"
    batch.create_namespaced_job(platform.namespace, {"metadata": {"name": name}, "spec": spec})

    def ended() -> dict[str, str]:
        found = batch.read_namespaced_job(name, platform.namespace).status.conditions
        return {each.type: each.message for each in found or ()}

    wanted = {"Complete", "Failed"}
    conditions = eventually(lambda: wanted & set(ended()) and ended(), seconds=180)
    assert "Complete" in conditions, conditions


def lose_the_database(platform: ClusterStack) -> None:
    """Delete the claim of its volume, and the pod that holds on to it."""
    core, namespace = platform.core, platform.namespace
    before = platform.volumes()
    core.delete_namespaced_persistent_volume_claim("postgres", namespace)
    core.delete_namespaced_pod("postgres-0", namespace, grace_period_seconds=0)
    eventually(lambda: len(platform.volumes()) < len(before), seconds=120)


def test_a_lost_volume_is_restored_from_the_bucket(platform: ClusterStack) -> None:
    platform.stack.json("verify")
    known, runs = versions(platform), runs_of_airflow(platform)
    assert known
    assert runs
    run_now(platform, "postgres-backup")
    lose_the_database(platform)
    platform.stack.run("up")
    assert versions(platform) == []
    assert runs_of_airflow(platform) == set()
    platform.stack.run("restore", "--yes")
    jobs = platform.batch.list_namespaced_cron_job(platform.namespace).items
    assert [each.metadata.name for each in jobs if each.spec.suspend] == ["postgres-restore"]
    assert versions(platform) == known
    assert runs_of_airflow(platform) == runs
    assert set(platform.stack.json("up")["changes"]) == {"same"}
    again = platform.stack.json("verify")
    assert version_of(again) == len(known) + 1


def test_a_backup_that_is_not_there_is_refused_and_those_that_are_named(
    platform: ClusterStack,
) -> None:
    run_now(platform, "postgres-backup")
    (*_, newest) = platform.stack.json("restore", "--list")["backups"]
    assert newest["bytes"] > 0
    output = run(platform, "restore", platform.stack.name, "20200101T000000Z", "--yes", expect=2)
    assert "no backup '20200101T000000Z'" in output
    assert newest["name"] in output


def run(platform: ClusterStack, *arguments: str, expect: int) -> str:
    """The output of `pilothouse …` with the stack where the arguments have it."""
    from typer.testing import CliRunner

    from pilothouse.cli import app

    result = CliRunner().invoke(app, [*arguments, "--project", str(platform.stack.project)])
    assert result.exit_code == expect, result.output
    return result.output


def test_what_was_deleted_in_mlflow_goes_for_good_with_its_artifacts(
    platform: ClusterStack,
) -> None:
    with mlflow(platform) as client:
        made = client.post("/mlflow/runs/create", json={"experiment_id": "0"}).raise_for_status()
        run_id = made.json()["run"]["info"]["run_id"]
        folder = f"/mlflow-artifacts/artifacts/0/{run_id}/artifacts"
        client.put(f"{folder}/note.txt", content=b"gone soon").raise_for_status()
        client.post("/mlflow/runs/delete", json={"run_id": run_id}).raise_for_status()
        assert client.get(f"{folder}/note.txt").status_code == HTTPStatus.OK
    time.sleep(2)
    run_now(platform, "mlflow-gc", last="1s")
    with mlflow(platform) as client:
        gone = client.get("/mlflow/runs/get", params={"run_id": run_id})
        assert gone.status_code == HTTPStatus.NOT_FOUND
        assert client.get(f"{folder}/note.txt").status_code != HTTPStatus.OK


def test_kept_data_are_found_by_a_later_up(platform: ClusterStack) -> None:
    platform.stack.json("verify")
    before, kept = versions(platform), sorted(platform.volumes())
    document = platform.stack.json("down", "--yes", "--keep-data")
    names = {each["name"] for each in document["kept"]}
    assert names == {platform.namespace, *kept}
    assert remaining(platform) == []
    assert sorted(platform.volumes()) == kept
    output = platform.stack.run("status", expect=1)
    assert "no service is running" in output
    platform.stack.run("up")
    assert versions(platform) == before
    after = platform.stack.json("verify")
    assert version_of(after) == len(before) + 1


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
