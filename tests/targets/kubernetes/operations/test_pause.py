"""A pause in a namespace: which objects go, in which order, and what stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pilothouse.errors import PilothouseError
from pilothouse.plan import Plan
from pilothouse.targets.kubernetes.naming import namespace_of
from pilothouse.targets.kubernetes.operations.target import KubernetesOperations
from tests.targets.kubernetes.fake_api import listed, named, served
from tests.targets.kubernetes.fake_jobs import Jobs
from tests.targets.kubernetes.operations.test_restore import cron_job, deployment, restoring


@pytest.fixture
def api(kubeconfig: Path, plan: Plan) -> Iterator[Jobs]:
    space = namespace_of(plan)
    apps, batch = (f"/apis/{group}/v1/namespaces/{space}" for group in ("apps", "batch"))
    fake = Jobs(namespace=space)
    fake.documents = {
        f"{batch}/cronjobs": listed(cron_job("mlflow-gc"), restoring()),
        f"{batch}/cronjobs/mlflow-gc": cron_job("mlflow-gc"),
        f"{apps}/deployments": listed(deployment("mlflow")),
        f"{apps}/deployments/mlflow": named("mlflow"),
        f"{apps}/statefulsets": listed(deployment("postgres")),
        f"{apps}/statefulsets/postgres": named("postgres"),
        f"/api/v1/namespaces/{space}/pods": listed(),
    }
    with served(fake, kubeconfig):
        yield fake


def test_schedules_are_suspended_before_servers_and_these_before_databases(
    api: Jobs, plan: Plan
) -> None:
    KubernetesOperations(plan).pause()
    done = [deed.partition("?")[0].rsplit("/", 2) for deed in api.deeds]
    assert [(deed[0].partition(" ")[0], *deed[1:]) for deed in done] == [
        ("PATCH", "cronjobs", "mlflow-gc"),
        ("DELETE", "deployments", "mlflow"),
        ("DELETE", "statefulsets", "postgres"),
    ]


def test_a_pod_that_does_not_end_is_named(
    api: Jobs, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pilothouse.targets.kubernetes.operations.stopping.STOPPED_WITHIN", 0.0)
    pod = named("mlflow-1", {"app.kubernetes.io/name": "mlflow"}, status={"phase": "Running"})
    api.documents[f"/api/v1/namespaces/{namespace_of(plan)}/pods"] = listed(pod)
    with pytest.raises(PilothouseError, match="not stopped, so it is paused in part: mlflow-1"):
        KubernetesOperations(plan).pause()
