"""On a real cluster, a platform uses a PostgreSQL that is there already, and leaves it there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from testkit.cluster.cluster import Cluster
from testkit.cluster.settings import PLATFORM
from testkit.support.clusters import ClusterStack, cluster_stack, settings
from testkit.support.stacks import write_stack_file
from testkit.support.waiting import eventually

from pilothouse.targets.kubernetes.components.postgres import START
from tests.targets.kubernetes.live.platform import version_of

pytestmark = [pytest.mark.live, pytest.mark.long, pytest.mark.timeout(1500)]

PAIRS = "airflow:airflow mlflow:mlflow mlflow:mlflow_auth"
SERVER, STACK, SECRET = "database-server", "database", "team-db"
PASSWORDS = {"airflow": "a hush: of @irflow/", "mlflow": "another%20hush"}
"""With what a URL would not bear."""
USER_OF_THE_IMAGE = 33  # one that it has a name for: PostgreSQL wants one, and not root


@pytest.fixture
def platform(cluster: Cluster) -> Iterator[ClusterStack]:
    """A stack that is not up, and beside it a PostgreSQL of somebody else."""
    with cluster_stack(cluster.kubeconfig, STACK) as made:
        made.core.create_namespace({"metadata": {"name": SERVER}})
        try:
            address = server(made)
            database = {"host": address, "cidr": f"{address}/32", "secret": SECRET}
            said = {**settings(STACK, {}), "namespaceExists": True}
            said["database"] = {**database, "sslMode": "disable"}
            write_stack_file(made.stack.project, STACK, "kubernetes", said)
            yield made
        finally:
            made.core.delete_namespace(SERVER)


def server(platform: ClusterStack) -> str:
    """The address of a PostgreSQL with the roles and databases that a stack needs."""
    core = platform.core
    data = {**PASSWORDS, "reader": "nobody-uses-it", "start.sh": START.read_text()}
    core.create_namespaced_secret(SERVER, {"metadata": {"name": SERVER}, "stringData": data})
    roles = [{"key": role, "path": role} for role in (*PASSWORDS, "reader")]
    script = [{"key": "start.sh", "path": "start.sh"}]
    container = {
        "name": "postgres",
        "image": PLATFORM,
        "imagePullPolicy": "Never",
        "command": ["sh", "/scripts/start.sh"],
        "env": [
            {"name": "PGDATA", "value": "/tmp/data"},
            {"name": "READER", "value": "reader"},
            {"name": "DATABASES", "value": PAIRS},
        ],
        "readinessProbe": {"exec": {"command": ["pg_isready", "--host=127.0.0.1"]}},
        "volumeMounts": [
            {"name": "passwords", "mountPath": "/passwords"},
            {"name": "scripts", "mountPath": "/scripts"},
        ],
    }
    spec = {
        "containers": [container],
        "securityContext": {"runAsUser": USER_OF_THE_IMAGE},
        "volumes": [
            {"name": "passwords", "secret": {"secretName": SERVER, "items": roles}},
            {"name": "scripts", "secret": {"secretName": SERVER, "items": script}},
        ],
    }
    core.create_namespaced_pod(SERVER, {"metadata": {"name": "postgres"}, "spec": spec})

    def address() -> Any:
        status = core.read_namespaced_pod("postgres", SERVER).status
        ready = status.container_statuses and status.container_statuses[0].ready
        return ready and status.pod_ip

    return str(eventually(address, seconds=120))


def open_door(platform: ClusterStack) -> None:
    """What the user makes before the first `up`: the namespace and the Secret."""
    platform.core.create_namespace({"metadata": {"name": STACK}})
    body = {"metadata": {"name": SECRET}, "stringData": PASSWORDS}
    platform.core.create_namespaced_secret(STACK, body)


def test_a_database_that_is_there_is_used_and_left(platform: ClusterStack) -> None:
    refused = platform.stack.run("up", expect=2)
    assert f"not in namespace {STACK}" in refused
    open_door(platform)
    platform.stack.run("up")
    claims = platform.core.list_namespaced_persistent_volume_claim(STACK).items
    assert [each.metadata.name for each in claims] == ["seaweedfs"]
    first = platform.stack.json("verify")
    assert version_of(first) == 1
    state = platform.stack.pulumi("stack", "export", "--show-secrets")
    assert not any(password in state for password in PASSWORDS.values())
    assert "restore it where it runs" in platform.stack.run("restore", "--list", expect=2)
    platform.stack.run("down", "--yes")
    assert STACK not in [each.metadata.name for each in platform.core.list_namespace().items]
    assert platform.core.read_namespaced_pod("postgres", SERVER).status.phase == "Running"
