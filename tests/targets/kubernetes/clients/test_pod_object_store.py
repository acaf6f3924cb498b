"""Objects that only pods can read, read by a Job in the pod of the workload."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pilothouse.contract import Capability
from pilothouse.errors import PilothouseError
from pilothouse.services.object_store import READ_OBJECT, ObjectNotFound, S3ObjectStore
from pilothouse.targets.kubernetes.clients.target import KubernetesClients
from tests.targets.conftest import GraphWith
from tests.targets.kubernetes.fake_api import named, served
from tests.targets.kubernetes.fake_jobs import Jobs
from tests.targets.kubernetes.graph.pods import pods_of_airflow
from tests.targets.kubernetes.policies import stacks

SPACE = "pilot"
STORAGE = Capability(
    uri="s3://team-data",
    console="",
    submit={"kind": "pod", "namespace": SPACE, "context": ""},
)


@pytest.fixture
def workload(graph_with: GraphWith) -> dict[str, Any]:
    """The pod of the workload in a stack whose store opens to roles."""
    return pods_of_airflow(graph_with(objectStore=stacks.BY_ROLE))["workload.yaml"]


@pytest.fixture
def api(kubeconfig: Path, workload: dict[str, Any]) -> Iterator[Jobs]:
    fake = Jobs(namespace=SPACE)
    files = named("airflow-files", data={"workload.yaml": json.dumps(workload)})
    fake.documents[f"/api/v1/namespaces/{SPACE}/configmaps/airflow-files"] = files
    with served(fake, kubeconfig):
        yield fake


def read() -> bytes:
    return KubernetesClients().object_store(STORAGE).read("runs/a/result.json")


def test_an_object_is_read_in_the_pod_of_the_workload(api: Jobs, workload: dict[str, Any]) -> None:
    content = b'{"run_token": "a"}\n'
    api.log = f"a warning\n{json.dumps({'content': b64encode(content).decode()})}\n"
    assert read() == content
    (job,) = api.made
    pod = job["spec"]["template"]
    assert pod["metadata"] == workload["metadata"]
    assert pod["spec"]["serviceAccountName"] == "workload"
    assert pod["spec"]["restartPolicy"] == "Never"
    assert job["metadata"]["labels"] == workload["metadata"]["labels"]
    (container,), (own,) = pod["spec"]["containers"], workload["spec"]["containers"]
    assert container | {"command": None} == own | {"command": None}
    address = "s3://team-data/runs/a/result.json"
    program = ["python", "-c", READ_OBJECT.read_text(encoding="utf-8"), address]
    reads_secrets = own["command"][: own["command"].index("python")]
    assert container["command"] == [*reads_secrets, *program]
    assert [path.rpartition("/")[2] for path in api.deleted] == [job["metadata"]["name"]]


def test_another_reader_is_left_alone_and_a_killed_one_leaves_nothing(api: Jobs) -> None:
    api.log = json.dumps({"content": ""})
    read()
    read()
    first, second = (job["metadata"]["name"] for job in api.made)
    assert [path.rpartition("/")[2] for path in api.deleted] == [first, second]
    assert not [path for path in api.queries if "labelSelector=" in path and "/jobs" in path]
    for job in api.made:
        assert 0 < job["spec"]["activeDeadlineSeconds"] <= 300
        assert 0 < job["spec"]["ttlSecondsAfterFinished"] <= 300


def test_a_missing_object_is_named(api: Jobs) -> None:
    api.log = json.dumps({"missing": True})
    with pytest.raises(ObjectNotFound, match=r"no object s3://team-data/runs/a/result\.json"):
        read()


def test_a_pod_that_may_not_read_says_why_and_is_removed(api: Jobs) -> None:
    api.condition, api.log = "Failed", "botocore: AccessDenied"
    with pytest.raises(PilothouseError, match=r"failed: as told\nbotocore: AccessDenied"):
        read()
    assert len(api.deleted) == 1


@pytest.mark.parametrize("log", ["", "base: ContainerCreating\n"])
def test_a_pod_without_an_answer_is_an_error(api: Jobs, log: str) -> None:
    api.log = log
    with pytest.raises(PilothouseError, match="gave no answer"):
        read()


def test_without_the_pod_of_the_workload_nothing_is_created(api: Jobs) -> None:
    api.documents.clear()
    with pytest.raises(PilothouseError, match="no ConfigMap airflow-files in namespace pilot"):
        read()
    assert api.made == []


def test_a_store_with_keys_is_read_from_here() -> None:
    storage = Capability(uri="s3://team-data", console="")
    assert isinstance(KubernetesClients().object_store(storage), S3ObjectStore)
