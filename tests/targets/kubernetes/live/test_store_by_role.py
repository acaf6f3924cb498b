"""MLflow and Airflow, as locked, use roles: from a real STS and S3 in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from testkit.support import environments, role_store

from tests.targets.conftest import GraphWith
from tests.targets.kubernetes.graph.role_pods import RolePods
from tests.targets.kubernetes.policies import stacks

pytestmark = pytest.mark.live

ARTIFACTS = """
import os, pathlib, tempfile
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
repository = get_artifact_repository(os.environ["MLFLOW_ARTIFACTS_DESTINATION"])
with tempfile.TemporaryDirectory() as folder:
    file = pathlib.Path(folder, "model.txt")
    file.write_text("model")
    repository.log_artifact(str(file), "1/run/artifacts")
print([each.path for each in repository.list_artifacts("1/run/artifacts")])
"""
LOGS = """
import os, sys
from airflow.providers.amazon.aws.hooks.s3 import S3Hook
hook = S3Hook(aws_conn_id=os.environ["AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID"])
key = os.environ["AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER"] + "/dag/task.log"
print(hook.load_string("a line of the log", key) if sys.argv[1:] else hook.read_key(key))
"""


@pytest.fixture(scope="module")
def in_pods(graph_with: GraphWith, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RolePods]:
    buckets = {f"team-{role}": bucket for role, bucket in stacks.BUCKETS.items()}
    with role_store.running(tmp_path_factory.mktemp("roles"), buckets) as store:
        yield RolePods(graph_with(objectStore=stacks.BY_ROLE), store)


def test_mlflow_stores_artifacts(in_pods: RolePods) -> None:
    python = environments.installed("mlflow") / "bin" / "python"
    said = in_pods.run("mlflow", [python, "-c", ARTIFACTS])
    assert said.splitlines()[-1] == "['1/run/artifacts/model.txt']"


def test_airflow_writes_logs_in_a_task_and_reads_them_for_its_console(
    in_pods: RolePods, tmp_path: Path
) -> None:
    command: list[str | Path] = [environments.installed("airflow") / "bin" / "python", "-c", LOGS]
    in_pods.run("airflow-task", [*command, "write"], AIRFLOW_HOME=str(tmp_path))
    said = in_pods.run("airflow-api-server", command, AIRFLOW_HOME=str(tmp_path))
    assert said.splitlines()[-1] == "a line of the log"
