"""How soon the first step of the team's package starts, against a call of Airflow's API."""

from __future__ import annotations

import shutil
import time
from datetime import datetime
from statistics import median
from typing import Any

import httpx
from testkit.support.stacks import MINIMAL, REPOSITORY, Stack, local_stack, own_package_environments

from bench.figures import Figure, Goal, Part
from bench.processes import log
from pilothouse.services.workload import DAG_ID

RUNS = 3
NOTE = f"""\
A package of one step that has been delivered before, unchanged. `pilothouse run` builds it to see
that, and starts a run; a call of Airflow's API starts one with nothing before. From the start of
the command, or of the call, to the start of the step. Medians of {RUNS}."""
WORKLOAD = """
workload:
  package: team
  parameters: {seconds: 0}
  steps: [{name: slow, command: [churn, slow]}]
"""


def measure() -> Part:
    """On a stack of its own."""
    with own_package_environments(), local_stack("pilot", MINIMAL + WORKLOAD) as stack:
        shutil.copytree(REPOSITORY / "tests" / "e2e" / "team_package", stack.project / "team")
        log("workload: up, and the first run")
        stack.run("up")
        first = _by_pilothouse(stack)
        ours = median(_by_pilothouse(stack) for _ in range(RUNS))
        airflow = median(_by_api(stack) for _ in range(RUNS))
        stack.run("down", "--yes")
    figures = [
        Figure("`pilothouse run`, the first one", first, "s"),
        Figure("`pilothouse run` again", ours, "s"),
        Figure("a call of Airflow's API", airflow, "s"),
        Figure("of it ours", ours - airflow, "s", Goal(3)),
    ]
    return Part("A run of the team's package", NOTE, figures)


def _by_pilothouse(stack: Stack) -> float:
    began = time.time()
    document = stack.json("run", "--follow")
    (step,) = document["run"]["steps"]
    return _elapsed(began, step["started"])


def _by_api(stack: Stack) -> float:
    part = stack.contract()["orchestration"]
    login = {
        "username": part["secrets"]["AIRFLOW_USERNAME"],
        "password": part["secrets"]["AIRFLOW_PASSWORD"],
    }
    with httpx.Client(base_url=part["uri"], timeout=30, trust_env=False) as client:
        token = client.post("/auth/token", json=login).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        runs = f"/api/v2/dags/{DAG_ID}/dagRuns"
        began = time.time()
        run = client.post(runs, json={"logical_date": None}).raise_for_status().json()
        path = f"{runs}/{run['dag_run_id']}/taskInstances/slow"
        while True:
            step: dict[str, Any] = client.get(path).json()
            if step.get("state") == "success":
                return _elapsed(began, step["start_date"])
            time.sleep(0.2)


def _elapsed(began: float, started: str) -> float:
    return datetime.fromisoformat(started).timestamp() - began
