"""The project's own DAGs on a stack: they reach Airflow as they are, and stay the team's files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from testkit.support.stacks import MINIMAL, Stack, local_stack
from testkit.support.waiting import eventually

from tests.targets.local.live.test_workload import api

pytestmark = pytest.mark.live

DAG = """
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG("churn_report", schedule=None, description="{description}"):
    BashOperator(task_id="report", bash_command="echo reported")
"""


@pytest.fixture(scope="module")
def team() -> Iterator[Stack]:
    """A stack of a project with a folder `dags`, which stays when the stack goes."""
    with local_stack("pilot", MINIMAL) as stack:
        file = dag_file(stack)
        file.parent.mkdir()
        file.write_text(DAG.format(description="first"))
        assert f"DAGs from {file.parent} itself" in stack.run("up").replace("\n", " ")
        yield stack
        stack.run("down", "--yes")
        assert file.exists()
        assert stack.traces() == []


def dag_file(stack: Stack) -> Path:
    return stack.project / "dags" / "report.py"


def description(stack: Stack) -> str:
    """What Airflow says of the DAG; "" where it has none."""
    found = [
        each for each in api(stack, "GET", "/dags")["dags"] if each["dag_id"] == "churn_report"
    ]
    return str(found[0]["description"]) if found else ""


def test_a_dag_runs_and_a_changed_file_reaches_airflow_without_an_up(team: Stack) -> None:
    eventually(lambda: description(team) == "first", seconds=120)
    api(team, "PATCH", "/dags/churn_report", is_paused=False)
    run = api(team, "POST", "/dags/churn_report/dagRuns", logical_date=None)["dag_run_id"]
    path = f"/dags/churn_report/dagRuns/{run}"
    eventually(lambda: api(team, "GET", path)["state"] == "success", seconds=120)
    dag_file(team).write_text(DAG.format(description="second"))
    eventually(lambda: description(team) == "second", seconds=120)


def test_a_broken_file_is_refused_before_anything_changes(team: Stack) -> None:
    broken = team.project / "dags" / "broken.py"
    broken.write_text("import os\ndef (:\n")
    try:
        refused = team.run("up", expect=2)
        assert "broken.py:2" in refused
    finally:
        broken.unlink()
