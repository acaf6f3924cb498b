"""Programs in pods get credentials by their accounts' roles, from a real STS and S3 in memory."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from testkit.support import role_store

from pilothouse.services.object_store import READ_OBJECT
from pilothouse.services.seaweedfs import BACKUPS_PROGRAM
from tests.targets.conftest import GraphWith
from tests.targets.kubernetes.graph.role_pods import RolePods
from tests.targets.kubernetes.policies import stacks

WORKLOAD = Path(__file__).parents[4] / "src/pilothouse/workload"
ROUND_TRIP = """
import os
from pilothouse_workload.settings import from_environment
from pilothouse_workload.store import Store
store = Store(from_environment(os.environ))
store.put_document("result", {"found": 1})
print(store.get_document("result"))
"""
RUN = {"RUN_TOKEN": "verify-1234567", "PYTHONPATH": str(WORKLOAD)}


@pytest.fixture(scope="module")
def in_pods(graph_with: GraphWith, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RolePods]:
    folder = tmp_path_factory.mktemp("roles")
    buckets = {f"team-{role}": bucket for role, bucket in stacks.BUCKETS.items()}
    with role_store.running(folder, buckets) as store:
        yield RolePods(graph_with(objectStore=stacks.BY_ROLE), store)


def test_the_workload_writes_and_reads_its_bucket(in_pods: RolePods) -> None:
    said = in_pods.run("workload", [sys.executable, "-c", ROUND_TRIP], **RUN)
    assert said == "{'found': 1}\n"


def test_the_proof_reads_what_the_workload_wrote(in_pods: RolePods) -> None:
    in_pods.run("workload", [sys.executable, "-c", ROUND_TRIP], **RUN)
    program = [sys.executable, "-c", READ_OBJECT.read_text(encoding="utf-8")]
    address = f"s3://team-data/runs/{RUN['RUN_TOKEN']}/result.json"
    assert "content" in json.loads(in_pods.run("workload", [*program, address]))


def test_backups_are_stored_and_listed(in_pods: RolePods, tmp_path: Path) -> None:
    (tmp_path / "airflow.dump").write_bytes(b"runs")
    backups: list[str | Path] = [sys.executable, BACKUPS_PROGRAM]
    stored = in_pods.run("postgres-backup", [*backups, "store"], DUMPS=str(tmp_path))
    assert stored.endswith("Z: airflow.dump\n")
    (found,) = json.loads(in_pods.run("postgres-backup", [*backups, "list"]))
    assert stored.startswith(found["name"])


def test_a_role_opens_no_other_bucket(in_pods: RolePods) -> None:
    said = in_pods.run(
        "postgres-backup", [sys.executable, BACKUPS_PROGRAM, "list"], BUCKET="team-data"
    )
    assert "AccessDenied" in said


def test_without_a_role_there_are_no_credentials(in_pods: RolePods) -> None:
    said = in_pods.run(
        "mlflow-gc",
        [sys.executable, BACKUPS_PROGRAM, "list"],
        BUCKET="team-data",
        AWS_EC2_METADATA_DISABLED="true",
        AWS_DEFAULT_REGION="eu-west-1",
    )
    assert "NoCredentialsError" in said
