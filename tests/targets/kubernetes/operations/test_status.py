"""The state of services with the reasons of failures, and their logs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pilothouse.errors import PilothouseError
from pilothouse.plan import Plan
from pilothouse.targets.interface import ServiceStatus
from pilothouse.targets.kubernetes.clients.cluster import Cluster
from pilothouse.targets.kubernetes.naming import namespace_of
from pilothouse.targets.kubernetes.operations import status
from tests.targets.kubernetes.fake_api import FakeApi, listed, named
from tests.targets.kubernetes.stack import apps_of, deployment, path_of, pod


def services(plan: Plan) -> list[ServiceStatus]:
    return status.service_statuses(Cluster(plan.settings), namespace_of(plan))


@pytest.fixture
def unready(api: FakeApi, plan: Plan) -> FakeApi:
    """A namespace with one service, of which no pod is ready."""
    apps = f"/apis/apps/v1/namespaces/{namespace_of(plan)}"
    api.documents[f"{apps}/deployments"] = listed(deployment("mlflow", 0, 2))
    api.documents[f"{apps}/statefulsets"] = listed()
    api.documents[f"{path_of(plan)}/pods"] = listed()
    return api


def why(plan: Plan) -> str:
    """The reason of the only service that is told of; it has failed."""
    (status,) = services(plan)
    assert status.state == "failed"
    return status.detail.partition("; ")[2]


def test_an_unready_service_has_the_reason_of_its_pods(api: FakeApi, plan: Plan) -> None:
    apps = f"/apis/apps/v1/namespaces/{namespace_of(plan)}"
    api.documents[f"{apps}/deployments"] = listed(deployment("mlflow", 0, 2))
    api.documents[f"{apps}/statefulsets"] = listed(
        {
            **deployment("postgres", 1, 1),
            "spec": {**deployment("p", 1, 1)["spec"], "serviceName": ""},
        }
    )
    api.documents[f"{path_of(plan)}/pods"] = listed(pod("mlflow-1", "ErrImagePull"))
    mlflow, postgres = services(plan)
    assert (postgres.name, postgres.state) == ("postgres", "running")
    assert mlflow.state == "failed"
    assert mlflow.detail == "0 of 2 ready; mlflow-1: ErrImagePull no such image"
    api.documents[f"{path_of(plan)}/pods"] = listed(pod("mlflow-1", "ContainerCreating"))
    assert services(plan)[0].state == "starting"


def test_an_unschedulable_pod_has_the_reason_of_the_scheduler(unready: FakeApi, plan: Plan) -> None:
    reason = {"reason": "Unschedulable", "message": "0/1 nodes are available"}
    conditions = [{"type": "PodScheduled", "status": "False", **reason}]
    waiting = named(
        "mlflow-1",
        spec={"containers": [{"name": "main"}]},
        status={"phase": "Pending", "conditions": conditions},
    )
    unready.documents[f"{path_of(plan)}/pods"] = listed(waiting)
    assert why(plan) == "mlflow-1: Unschedulable 0/1 nodes are available"


@pytest.mark.parametrize("ended", ["state", "lastState"])
def test_a_pod_that_fails_again_and_again_has_its_last_words(
    unready: FakeApi, plan: Plan, ended: str
) -> None:
    log = "Traceback:\n  one\n  two\n\n  three\nOperationalError: no route\n"
    crashed = pod("mlflow-1", "CrashLoopBackOff")
    (container,) = crashed["status"]["containerStatuses"]
    container[ended] = {"terminated": {"exitCode": 1, "message": log}}
    unready.documents[f"{path_of(plan)}/pods"] = listed(crashed)
    words = "one / two / three / OperationalError: no route"
    assert why(plan).endswith(f"mlflow-1: the last lines of main, which failed: {words}")
    container[ended]["terminated"]["exitCode"] = 0
    assert all("last lines" not in status.detail for status in services(plan))


def test_pods_over_quota_have_the_reason_of_the_controller(unready: FakeApi, plan: Plan) -> None:
    forbidden = {"reason": "FailedCreate", "message": "exceeded quota: full"}
    (found,) = unready.documents[apps_of(plan)]["items"]
    found["status"]["conditions"] = [{"type": "ReplicaFailure", "status": "True", **forbidden}]
    assert why(plan) == "FailedCreate exceeded quota: full"


@pytest.mark.parametrize(("minutes", "told"), [(1, True), (10, False)])
def test_a_failed_mount_is_a_reason_while_it_is_recent(
    unready: FakeApi, plan: Plan, minutes: int, told: bool
) -> None:
    unready.documents[f"{path_of(plan)}/pods"] = listed(pod("mlflow-1", "ContainerCreating"))
    seen = datetime.now(UTC) - timedelta(minutes=minutes)
    event = {
        **named("event", reason="FailedMount", message='secret "files" not found'),
        "involvedObject": {"name": "mlflow-1"},
        "lastTimestamp": seen.isoformat(),
    }
    unready.documents[f"{path_of(plan)}/events"] = listed(event)
    details = [status.detail for status in services(plan)]
    assert details == ["0 of 2 ready" + '; mlflow-1: FailedMount secret "files" not found' * told]


def test_a_set_up_job_is_listed_only_if_it_fails(unready: FakeApi, plan: Plan) -> None:
    unready.documents[apps_of(plan)] = listed()
    jobs = f"/apis/batch/v1/namespaces/{namespace_of(plan)}/jobs"
    spec = {"template": {"metadata": {}, "spec": {"containers": [{"name": "job"}]}}}
    unready.documents[jobs] = listed(named("mlflow-setup", spec=spec, status={}))
    assert services(plan) == []
    unready.documents[f"{path_of(plan)}/pods"] = listed(pod("mlflow-setup-1", "ErrImagePull"))
    assert why(plan) == "mlflow-setup-1: ErrImagePull no such image"


def test_pods_of_the_old_version_do_not_count(unready: FakeApi, plan: Plan) -> None:
    (found,) = unready.documents[apps_of(plan)]["items"]
    found["status"] = {"replicas": 3, "updatedReplicas": 1, "readyReplicas": 2}
    assert [status.state for status in services(plan)] == ["starting"]


def test_the_log_of_an_unknown_service_names_the_existing_ones(api: FakeApi, plan: Plan) -> None:
    apps = f"/apis/apps/v1/namespaces/{namespace_of(plan)}"
    api.documents[f"{apps}/deployments"] = listed(deployment("mlflow", 1, 1))
    api.documents[f"{apps}/statefulsets"] = listed()
    api.documents[f"{path_of(plan)}/pods"] = listed()
    with pytest.raises(PilothouseError, match=r"no pod of 'mlfow'; there are: mlflow"):
        list(status.read_logs(Cluster(plan.settings), namespace_of(plan), "mlfow", 5))
