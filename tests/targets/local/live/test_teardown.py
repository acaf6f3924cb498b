"""A teardown takes everything but another stack, or keeps the data; a wrong start makes nothing."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from testkit.support.stacks import ENVIRONMENTS, Stack, is_free, local_stack, project_folder

pytestmark = pytest.mark.live
# A company's shell; nothing listens there, and no NO_PROXY says what is near.
PROXIES = {
    name: "http://127.0.0.1:9"
    for scheme in ("http", "https", "all")
    for name in (f"{scheme}_proxy", f"{scheme}_proxy".upper())
} | {"NO_PROXY": "", "no_proxy": ""}


class ProxiedStack(Stack):
    """A stack whose commands run in that shell."""

    def environment(self) -> dict[str, str]:
        return super().environment() | PROXIES


CLIENT = """
import os, boto3, mlflow
mlflow.set_experiment("behind a proxy")
with mlflow.start_run():
    mlflow.log_metric("seen", 1)
    mlflow.log_text("seen", "seen.txt")
bucket = os.environ["DATA_URI"].removeprefix("s3://")
boto3.client("s3").put_object(Bucket=bucket, Key="seen", Body=b"seen")
"""


def test_kept_data_is_found_by_a_later_up(stack: Stack, contract: Any) -> None:
    secrets = json.loads((stack.home / "secrets" / "tracking-secrets.json").read_text())
    experiment = _mlflow(contract, "create", {"name": f"kept-{time.time()}"})["experiment_id"]
    dag = stack.home / "dags" / "team.py"
    strayed = stack.home / "services" / "airflow-dag-processor" / "dags" / "team.py"
    for path in (dag, strayed):
        path.touch()
    said = stack.run("down", "--yes", "--keep-data")
    assert "Bucket data-bucket kept" in said
    assert "PostgresCluster postgres-cluster kept" in said
    assert "Bucket data-bucket deleted" not in said
    assert f"1 DAG file kept: {dag}\n" in said
    assert f"1 DAG file to be deleted: {strayed}\n" in said
    assert dag.is_file()
    assert stack.processes() == []
    stack.run("up")
    assert json.loads((stack.home / "secrets" / "tracking-secrets.json").read_text()) == secrets
    found = _mlflow(contract, "search", {"max_results": 1000})["experiments"]
    assert experiment in [item["experiment_id"] for item in found]


def _mlflow(contract: Any, call: str, body: dict[str, Any]) -> dict[str, Any]:
    login = contract["tracking"]["login"]
    reply = httpx.post(
        f"{contract['tracking']['uri']}/api/2.0/mlflow/experiments/{call}",
        json=body,
        auth=(login["username"], login["password"]),
        timeout=30,
    )
    return dict(reply.raise_for_status().json())


def test_two_stacks_run_side_by_side_one_of_them_behind_a_proxy(stack: Stack) -> None:
    with local_stack("other") as made:
        other = ProxiedStack(made.project, made.name, made.base_port)
        assert "proved in" in other.run("up", "--verify")
        other.run("status")
        _use_as_a_client(other)
        stack.run("status")
        other.run("down", "--yes")
        assert other.traces() == []
    stack.run("status")


def test_a_teardown_in_another_clone_touches_nothing_of_the_running_stack(stack: Stack) -> None:
    """The same names give both clones the same ports; nothing is set up in the second."""
    before = [trace for trace in stack.traces() if trace.startswith("socket")]
    assert before
    with project_folder() as project:
        second = Stack(project, stack.name, stack.base_port)
        second.settings()
        said = second.run("down", "--yes")
    assert "to be deleted" not in said
    assert [trace for trace in stack.traces() if trace.startswith("socket")] == before
    stack.run("status")


def _use_as_a_client(stack: ProxiedStack) -> None:
    """MLflow and boto3, with what `env --clients` prints for a shell with proxies."""
    exports = stack.run("env", "--clients")
    mlflow, *_ = ENVIRONMENTS.glob("mlflow-*/bin/python")
    done = subprocess.run(
        ["sh", "-c", f'{exports}\nexec "$0" -c "$1"', mlflow, CLIENT],
        env=stack.environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_taken_port_is_refused_by_the_name_of_its_process_and_nothing_is_made() -> None:
    with local_stack() as stack, socket.create_server(("127.0.0.1", stack.base_port + 2)):
        said = stack.run("up", expect=2)
        assert f"port {stack.base_port + 2}" in said
        assert f"process {psutil.Process().pid}" in said
        assert not stack.home.exists()


def test_nobody_is_asked_where_nobody_is(tmp_path: Path) -> None:
    with local_stack() as stack:
        assert "--yes" in stack.run("down", expect=2)
        assert is_free(stack.base_port)
