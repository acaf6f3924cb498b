"""Runs and requests outlive the loss of every pod, and a change of every image."""

from __future__ import annotations

import pytest
from testkit.support.cluster_clients import polling, running
from testkit.support.clusters import ClusterStack
from testkit.support.waiting import eventually

from tests.targets.kubernetes.live.platform import change_image, image_of, other_image

pytestmark = [pytest.mark.live, pytest.mark.timeout(1500)]


@pytest.mark.long
def test_runs_end_well_while_each_pod_is_deleted_in_turn(platform: ClusterStack) -> None:
    with running(platform) as states:
        for pod in platform.pods():
            platform.core.delete_namespaced_pod(pod.metadata.name, platform.namespace)
            eventually(lambda: not (going(platform) or platform.unready()), seconds=240)
    print(f"{len(states)} runs: {states}")  # noqa: T201 - a figure
    assert len(states) > 1
    assert set(states) == {"success"}


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
