"""The project's own DAGs and its objects of Airflow on a real cluster: `up` brings both."""

from __future__ import annotations

import json
import subprocess
from base64 import b64decode
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from testkit.cluster.settings import PLATFORM
from testkit.support.clusters import ROLES, ClusterStack, cluster_stack
from testkit.support.waiting import eventually

if TYPE_CHECKING:
    from testkit.cluster.cluster import Cluster

pytestmark = [pytest.mark.live, pytest.mark.timeout(1500)]

PASSWORD = "prices-are-behind-this"
DAG = """
import humanize
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG("{name}", schedule=None):
    BashOperator(task_id="report", bash_command="echo " + humanize.naturalsize(10, gnu=True))
"""


@pytest.fixture(scope="module")
def team(cluster: Cluster) -> Iterator[ClusterStack]:
    """A stack of a project with a folder `dags`, which stays when the stack goes."""
    with cluster_stack(cluster.kubeconfig, "dags") as made:
        made.core.create_namespace({"metadata": {"name": made.namespace}})
        secret = {"metadata": {"name": "prices"}, "stringData": {"PRICES_PASSWORD": PASSWORD}}
        made.core.create_namespaced_secret(made.namespace, secret)
        # The proof has no image of its own.
        images = {role: PLATFORM for role in ROLES if role != "workload"}
        secret_of = {"namespaceExists": True, "workload": {"secret": "prices"}}
        made.settings(more={**secret_of, "images": images})
        (made.stack.project / "dag-requirements.txt").write_text("humanize>=4\n")
        with (made.stack.project / "platform.yaml").open("a") as file:
            file.write("orchestration: {requirements: dag-requirements.txt}\n")
        deliver(made, "churn_report")
        yield made
        made.stack.run("down", "--yes")
        assert (made.stack.project / "dags" / "report.py").exists()


def deliver(team: ClusterStack, name: str) -> None:
    """Bring a file with one DAG of that name."""
    file = team.stack.project / "dags" / "report.py"
    file.parent.mkdir(exist_ok=True)
    file.write_text(DAG.format(name=name))
    said = team.stack.run("up").replace("\n", " ")
    assert "of 1 files 1 are written" in said


def airflow(team: ClusterStack, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What `pilothouse airflow STACK -- …` does."""
    pilothouse, *_ = team.stack.command("airflow")
    return subprocess.run(
        [pilothouse, "airflow", team.stack.name, "--project", team.stack.project, "--", *arguments],
        env=team.stack.environment(), capture_output=True, text=True, check=False, timeout=200,
    )  # fmt: skip


def knows(team: ClusterStack, name: str) -> bool:
    return airflow(team, "dags", "details", name).returncode == 0


def states(team: ClusterStack) -> list[str]:
    """The states of the runs of `churn_report`."""
    said = airflow(team, "dags", "list-runs", "churn_report", "-o", "json").stdout
    found: list[dict[str, Any]] = json.loads(said[said.index("[{") :])
    return [str(run["state"]) for run in found]


OBJECTS = """
pools: {{small: {{slots: {slots}}}}}
connections:
  prices: {{conn_type: http, host: prices.example.org, password: {{secret: PRICES_PASSWORD}}}}
"""


CURIOUS = """
import json
import os

from airflow.sdk import DAG, Connection

found = {"environment": dict(os.environ), "password": Connection.get("prices").password}
dag = DAG("curious", schedule=None, description=json.dumps(found))
"""


def bring_objects(team: ClusterStack, slots: int) -> str:
    """Bring Airflow to a file with a pool of so many slots, and a connection."""
    (team.stack.project / "airflow.yaml").write_text(OBJECTS.format(slots=slots))
    return team.stack.run("up")


def shown(team: ClusterStack, *arguments: str) -> Any:
    said = airflow(team, *arguments, "-o", "json").stdout
    return json.loads(said[said.index("[{") :])


def test_pools_and_connections_of_the_file_are_airflow_s(team: ClusterStack) -> None:
    said = bring_objects(team, slots=2)
    assert PASSWORD not in said
    (connection,) = shown(team, "connections", "get", "prices")
    assert (connection["host"], connection["password"]) == ("prices.example.org", PASSWORD)
    bring_objects(team, slots=3)
    (pool,) = (each for each in shown(team, "pools", "list") if each["pool"] == "small")
    assert pool["slots"] == "3"
    (team.stack.project / "airflow.yaml").unlink()
    team.stack.run("up")
    assert "small" not in [each["pool"] for each in shown(team, "pools", "list")]


def test_the_code_of_a_dag_file_reads_connections_and_inherits_no_key(team: ClusterStack) -> None:
    file = team.stack.project / "dags" / "curious.py"
    file.write_text(CURIOUS)
    bring_objects(team, slots=2)
    eventually(lambda: knows(team, "curious"), seconds=300)
    (dag,) = shown(team, "dags", "details", "curious")
    found = json.loads(dag["description"])
    assert found["password"] == PASSWORD
    assert found["environment"]["AIRFLOW_CONFIG"] == "/config/airflow.cfg"
    text = json.dumps(found["environment"])
    secret = team.core.read_namespaced_secret("airflow", team.namespace)
    keys = {name: b64decode(value).decode() for name, value in secret.data.items()}
    assert keys
    assert not [name for name, value in keys.items() if value in text]
    file.unlink()
    (team.stack.project / "airflow.yaml").unlink()
    team.stack.run("up")


def test_a_dag_runs_and_a_changed_folder_is_airflows_after_the_next_up(team: ClusterStack) -> None:
    eventually(lambda: knows(team, "churn_report"), seconds=300)
    assert airflow(team, "dags", "unpause", "churn_report").returncode == 0
    assert airflow(team, "dags", "trigger", "churn_report").returncode == 0
    eventually(lambda: states(team) == ["success"], seconds=300)
    deliver(team, "churn_report_of_today")
    eventually(lambda: knows(team, "churn_report_of_today"), seconds=300)


def test_the_proof_needs_no_image(team: ClusterStack) -> None:
    said = team.stack.run("verify").replace("\n", " ")
    assert "package pilothouse-workload" in said
    assert "proved in" in said
