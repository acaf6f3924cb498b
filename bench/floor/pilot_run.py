"""One run of the workload's DAG through Airflow's REST API."""

import secrets
import time
from typing import Any

import httpx

from . import airflow
from .layout import Layout
from .probes import until

DAG = "pilothouse_workload"
POLL = 0.4  # seconds; each look costs the API server 20 ms of the two cores that the run needs


class Api:
    """Airflow's REST API, logged in."""

    def __init__(self, layout: Layout) -> None:
        base = layout.url("airflow")
        user = {"username": airflow.USER, "password": layout.secrets["airflow-user"]}
        answer = httpx.post(f"{base}/auth/token", json=user, timeout=30).raise_for_status()
        token = answer.json()["access_token"]
        self._client = httpx.Client(
            base_url=f"{base}/api/v2", headers={"Authorization": f"Bearer {token}"}, timeout=30
        )

    def parsed(self) -> bool:
        """Whether the DAG is known."""
        return self._client.get(f"/dags/{DAG}").is_success

    def trigger(self) -> str:
        """Start a run with a fresh token; returns the run's id."""
        body = {"logical_date": None, "conf": {"run_token": f"floor-{secrets.token_hex(6)}"}}
        answer = self._client.post(f"/dags/{DAG}/dagRuns", json=body).raise_for_status()
        return str(answer.json()["dag_run_id"])

    def state(self, run: str) -> str:
        """The run's state, such as `success`."""
        answer = self._client.get(f"/dags/{DAG}/dagRuns/{run}").raise_for_status()
        return str(answer.json()["state"])

    def tasks(self, run: str) -> dict[str, dict[str, Any]]:
        """Each task of a run by its name."""
        answer = self._client.get(f"/dags/{DAG}/dagRuns/{run}/taskInstances").raise_for_status()
        return {task["task_id"]: task for task in answer.json()["task_instances"]}


def prove(api: Api) -> dict[str, float]:
    """Run the workload; returns the seconds of each task, RuntimeError if it fails."""
    until(api.parsed)
    run = api.trigger()
    while (state := api.state(run)) not in {"success", "failed"}:
        time.sleep(POLL)
    if state == "failed":
        raise RuntimeError(f"run {run} failed")
    return {name: round(task["duration"], 2) for name, task in api.tasks(run).items()}
