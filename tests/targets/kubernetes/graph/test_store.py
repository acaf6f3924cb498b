"""A stack whose store is there already: nothing of it is made, and no key of it is known."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pilothouse.services.airflow.settings import API_SERVER, LOG_VARIABLE, SCHEDULER, TRIGGERER
from pilothouse.targets.kubernetes.objects import images
from pilothouse.targets.kubernetes.settings.component_table import (
    ALLOWED_CONNECTIONS,
    BACKUP_JOB,
    MLFLOW,
    RESTORE_JOB,
    SEAWEEDFS,
    SEAWEEDFS_COMPONENTS,
    TASK,
    WORKLOAD,
)
from tests.targets.kubernetes.graph.pods import containers, keys_read, pods
from tests.targets.kubernetes.policies import stacks
from tests.targets.suite import platforms
from tests.targets.suite.recorder import Recording, revealed

STORE = {**stacks.STORE, "region": "eu-test-1"}

ROLES: Mapping[str, str] = {
    MLFLOW: "artifacts",
    **dict.fromkeys((API_SERVER, SCHEDULER, TRIGGERER, TASK), "logs"),
    WORKLOAD: "data",
    **dict.fromkeys((BACKUP_JOB, RESTORE_JOB), "backups"),
}
"""Whose bucket each component opens."""

CLIENTS = {client for client, to in ALLOWED_CONNECTIONS.items() if SEAWEEDFS in to} - set(
    SEAWEEDFS_COMPONENTS
)
HIDDEN = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


def recorded_with(folder: Path, **settings: Any) -> Recording:
    project = platforms.project_of(platforms.ROOT / "examples/minimal.yaml", folder)
    given = {**stacks.SETTINGS, "objectStore": STORE, "namespaceExists": True, **settings}
    return platforms.recorded(project, "kubernetes", settings=given)


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return recorded_with(tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """A stack that has neither a store nor a database of its own."""
    return recorded_with(tmp_path_factory.mktemp("bare"), database=stacks.DATABASE)


def read_by(pod: Mapping[str, Any], container: Mapping[str, Any]) -> dict[str, str]:
    """The keys of the user's Secret that a container reads, by variable."""
    found = keys_read(pod, container)
    return {name: key for name, (secret, key) in found.items() if secret == STORE["secret"]}


def secrets(graph: Recording) -> dict[str, dict[str, str]]:
    """What each Secret that is made has in it."""
    made = graph.kind("Secret")
    return {each.name: revealed(dict(each.inputs))["stringData"] for each in made}


def test_with_an_external_store_none_is_created(graph: Recording) -> None:
    made = {each.name for each in graph}
    assert not made & {*SEAWEEDFS_COMPONENTS, "storage-secrets"}
    assert {claim.name for claim in graph.kind("PersistentVolumeClaim")} == {"postgres"}
    assert "seaweedfs" not in repr([revealed(dict(each.inputs)) for each in graph])
    probes = graph.outputs["contract"]["storage"]["probes"]
    assert probes == []


def test_with_an_external_store_its_image_is_not_required(tmp_path: Path) -> None:
    project = platforms.project_of(platforms.ROOT / "examples/minimal.yaml", tmp_path)
    plan = platforms.plan_of(
        project, "kubernetes", settings={"objectStore": STORE, "namespaceExists": True}
    )
    assert SEAWEEDFS not in images.required_images(plan)


def test_an_external_store_is_reached_by_its_network_and_by_the_same_clients(
    graph: Recording,
) -> None:
    wanted = {
        "to": [{"ipBlock": {"cidr": "10.1.3.0/24"}}],
        "ports": [{"port": 9000, "protocol": "TCP"}],
    }
    reaching = {
        policy.name
        for policy in graph.kind("NetworkPolicy")
        if wanted in policy.inputs["spec"].get("egress", [])
    }
    assert reaching == CLIENTS


def test_each_client_reads_the_keys_of_its_own_bucket_only(
    graph: Recording,
) -> None:
    assert set(ROLES) == CLIENTS
    for name, pod in pods(graph).items():
        read = [found for each in containers(pod) if (found := read_by(pod, each))]
        role = ROLES.get(name)
        keys = dict(zip(HIDDEN, (f"{role}-access", f"{role}-secret"), strict=True))
        assert read == ([keys] if role else []), name


def test_the_container_that_dumps_reads_no_key_of_the_store(graph: Recording) -> None:
    found = pods(graph)
    for job, container in ((BACKUP_JOB, "dump"), (RESTORE_JOB, RESTORE_JOB)):
        (only,) = (each for each in containers(found[job]) if each["name"] == container)
        assert read_by(found[job], only) == {}


def test_no_key_of_an_external_store_is_in_objects_or_outputs(graph: Recording) -> None:
    known = secrets(graph)
    assert not [name for name, values in known.items() if set(HIDDEN) & set(values)]
    assert "postgres-backups" not in known
    connection = json.loads(known["airflow-task"][LOG_VARIABLE])
    extra = {"endpoint_url": STORE["endpoint"], "region_name": STORE["region"]}
    assert connection == {"conn_type": "aws", "extra": extra}
    assert graph.outputs["contract"]["storage"]["secrets"] == {}


def test_each_client_has_the_bucket_of_the_settings(graph: Recording) -> None:
    plain = {"AWS_ENDPOINT_URL_S3": STORE["endpoint"], "AWS_REGION": STORE["region"]}
    workload = secrets(graph)[WORKLOAD]
    assert workload.items() >= {**plain, "DATA_URI": "s3://team-data"}.items()
    found = pods(graph)
    for name, variable, value in (
        (MLFLOW, "MLFLOW_ARTIFACTS_DESTINATION", "s3://team-artifacts"),
        (MLFLOW, "MLFLOW_S3_ENDPOINT_URL", STORE["endpoint"]),
        (BACKUP_JOB, "BUCKET", "team-backups"),
        (RESTORE_JOB, "BUCKET", "team-backups"),
    ):
        told = [each for c in containers(found[name]) for each in c["env"]]
        given = {each["name"]: each.get("value") for each in told}
        assert given.items() >= {**plain, variable: value}.items(), name
    settings = graph.one("ConfigMap airflow").inputs["data"]
    assert settings["AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER"] == "s3://team-logs"
    contract = graph.outputs["contract"]["storage"]
    assert contract["uri"] == "s3://team-data"
    assert contract["environment"].items() >= plain.items()


def test_an_existing_namespace_with_the_keys_is_taken_over(graph: Recording) -> None:
    assert graph.one("Namespace namespace").provider.split("::")[-2] == "cluster"
    assert graph.one("kubernetes cluster").inputs["upsertExistingObjects"] == "true"


def test_with_an_external_database_too_the_stack_has_no_volumes(bare: Recording) -> None:
    assert bare.kind("StatefulSet") == bare.kind("PersistentVolumeClaim") == []
    assert not [job.name for job in bare.kind("CronJob") if "postgres" in job.name]
    found = pods(bare)
    read = [read_by(pod, each) for pod in found.values() for each in containers(pod)]
    assert "backups" not in repr(read)
    (mlflow,) = containers(found[MLFLOW])
    assert keys_read(found[MLFLOW], mlflow).keys() == {*HIDDEN, "PGPASSWORD"}
