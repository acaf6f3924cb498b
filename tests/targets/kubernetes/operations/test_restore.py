"""Backups are listed and restored by Jobs: their specs, what stops before, how they fail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pilothouse.errors import PilothouseError
from pilothouse.plan import Plan
from pilothouse.targets.interface import Backup
from pilothouse.targets.kubernetes.naming import namespace_of
from pilothouse.targets.kubernetes.operations.target import KubernetesOperations
from tests.targets.kubernetes.fake_api import Document, listed, named, served
from tests.targets.kubernetes.fake_jobs import Jobs

CRON_JOBS = ("airflow-db-clean", "mlflow-gc", "postgres-backup")
STORED = [{"name": "20261124T020000Z", "bytes": 11}]


@pytest.fixture
def api(kubeconfig: Path, plan: Plan) -> Iterator[Jobs]:
    space = namespace_of(plan)
    apps, batch = (f"/apis/{group}/v1/namespaces/{space}" for group in ("apps", "batch"))
    pods = f"/api/v1/namespaces/{space}/pods"
    fake = Jobs(namespace=space, log=json.dumps(STORED))
    fake.documents = {
        f"{batch}/cronjobs": listed(*(cron_job(name) for name in CRON_JOBS), restoring()),
        f"{batch}/cronjobs/postgres-restore": restoring(),
        **{f"{batch}/cronjobs/{name}": cron_job(name) for name in CRON_JOBS},
        f"{batch}/jobs/airflow-setup": named("airflow-setup"),
        f"{batch}/jobs/mlflow-setup": named("mlflow-setup"),
        f"{apps}/deployments/mlflow": named("mlflow"),
        f"{apps}/deployments/airflow-scheduler": named("airflow-scheduler"),
        f"{apps}/deployments": listed(deployment("mlflow"), deployment("airflow-scheduler")),
        pods: listed(),
    }
    with served(fake, kubeconfig):
        yield fake


def cron_job(name: str, **spec: Any) -> Document:
    template = {"spec": {"template": {"spec": spec or {"containers": [{"name": "main"}]}}}}
    return named(name, {"of": "us"}, spec={"schedule": "@daily", "jobTemplate": template})


def restoring() -> Document:
    fetch = {
        "name": "fetch",
        "command": ["python", "/scripts/backups.py", "fetch"],
        "env": [{"name": "BUCKET", "value": "b"}, {"name": "BACKUP", "value": ""}],
    }
    return cron_job("postgres-restore", initContainers=[fetch], containers=[{"name": "restore"}])


def deployment(name: str) -> Document:
    template = {"metadata": {}, "spec": {"containers": [{"name": name}]}}
    return named(name, spec={"replicas": 1, "selector": {}, "template": template})


def pod_spec(job: Document) -> Document:
    return dict(job["spec"]["template"]["spec"])


def test_backups_are_listed_by_the_container_with_the_keys_of_the_bucket(
    api: Jobs, plan: Plan
) -> None:
    api.log = f"a warning\n{json.dumps(STORED)}\n"
    assert KubernetesOperations(plan).backups() == [Backup(**each) for each in STORED]  # type: ignore[arg-type]
    (made,) = api.made
    (only,) = pod_spec(made)["containers"]
    assert only["command"][-1] == "list"
    assert "initContainers" not in pod_spec(made)
    assert made["spec"]["backoffLimit"] == 0
    assert made["metadata"]["labels"] == {"of": "us"}
    assert [path.rpartition("/")[2] for path in api.deleted] == [made["metadata"]["name"]]


def test_a_restore_sets_the_backup_after_what_writes_has_stopped(api: Jobs, plan: Plan) -> None:
    KubernetesOperations(plan).restore(STORED[0]["name"])  # type: ignore[arg-type]
    (made,) = api.made
    (fetch,) = pod_spec(made)["initContainers"]
    given = {each["name"]: each["value"] for each in fetch["env"]}
    assert given == {"BUCKET": "b", "BACKUP": STORED[0]["name"]}
    stopped = [path.rpartition("/")[2] for path in api.deleted[:2]]
    assert stopped == ["mlflow", "airflow-scheduler"]


def test_cron_jobs_are_suspended_during_a_restore(api: Jobs, plan: Plan) -> None:
    KubernetesOperations(plan).restore("b")
    batch = f"/apis/batch/v1/namespaces/{namespace_of(plan)}"
    suspended = {"spec": {"suspend": True}}
    assert api.patched == {f"{batch}/cronjobs/{name}": suspended for name in CRON_JOBS}
    assert [deed.partition(" ")[0] for deed in api.deeds[:4]] == ["PATCH"] * 3 + ["DELETE"]


def job(component: str, **status: Any) -> Document:
    labels = {"app.kubernetes.io/name": component}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main"}]}}
    made = named(f"{component}-1", spec={"template": template}, status=status)
    owner = {"apiVersion": "batch/v1", "kind": "CronJob", "name": component, "uid": "1"}
    return made | {"metadata": {**made["metadata"], "ownerReferences": [owner]}}


def test_running_jobs_end_before_any_server_stops(
    api: Jobs, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs_path = f"/apis/batch/v1/namespaces/{namespace_of(plan)}/jobs"
    over = {"conditions": [{"type": "Complete", "status": "True"}]}
    api.documents[jobs_path] = listed(
        job("mlflow-gc", active=1), job("postgres-backup", **over), job("buckets", active=1)
    )
    monkeypatch.setattr("pilothouse.targets.kubernetes.operations.stopping.ENDED_WITHIN", 0.0)
    with pytest.raises(PilothouseError, match="nothing was restored: job mlflow-gc-1; wait"):
        KubernetesOperations(plan).restore("b")
    assert [*api.deleted, *api.made] == []
    api.documents[jobs_path] = listed(job("mlflow-gc", **over))
    KubernetesOperations(plan).restore("b")
    assert len(api.made) == 1


def test_running_pods_of_cron_jobs_are_waited_for_and_ended_ones_are_not(
    api: Jobs, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pilothouse.targets.kubernetes.operations.stopping.STOPPED_WITHIN", 0.0)
    spec = {"containers": [{"name": "main"}]}
    going, ended = (
        named(f"mlflow-gc-{phase}", spec=spec, status={"phase": phase})
        for phase in ("Running", "Succeeded")
    )
    pods = f"/api/v1/namespaces/{namespace_of(plan)}/pods"
    api.documents[pods] = listed(going, ended)
    with pytest.raises(PilothouseError, match="nothing was restored: mlflow-gc-Running;"):
        KubernetesOperations(plan).restore("b")
    asked = next(query for query in api.queries if query.startswith(f"{pods}?"))
    assert "mlflow-gc" in asked
    assert "postgres-restore" not in asked


def test_the_set_up_jobs_are_deleted_so_that_an_up_runs_them_again(api: Jobs, plan: Plan) -> None:
    KubernetesOperations(plan).restore("b")
    gone = [path.rpartition("/")[2] for path in api.deleted]
    assert gone[3:] == ["airflow-setup", "mlflow-setup"]


def test_a_failed_restore_names_the_reason_and_leaves_the_set_up_jobs(
    api: Jobs, plan: Plan
) -> None:
    api.log = "not what was stored\n"
    api.condition = "Failed"
    with pytest.raises(PilothouseError, match="failed: as told\nnot what was stored"):
        KubernetesOperations(plan).restore("b")
    assert not any(path.endswith("-setup") for path in api.deleted)


def test_a_pod_that_does_not_end_stops_the_restore(
    api: Jobs, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = {"phase": "Running"}
    left = named("mlflow-1", spec={"containers": [{"name": "main"}]}, status=running)
    api.documents[f"/api/v1/namespaces/{namespace_of(plan)}/pods"] = listed(left)
    monkeypatch.setattr("pilothouse.targets.kubernetes.operations.stopping.STOPPED_WITHIN", 0.0)
    with pytest.raises(PilothouseError, match="nothing was restored: mlflow-1"):
        KubernetesOperations(plan).restore("b")
    assert api.made == []


def test_a_stack_that_is_not_up_has_no_backups(api: Jobs, plan: Plan) -> None:
    path = f"/apis/batch/v1/namespaces/{namespace_of(plan)}/cronjobs/postgres-restore"
    del api.documents[path]
    with pytest.raises(PilothouseError, match="no CronJob postgres-restore"):
        KubernetesOperations(plan).backups()
