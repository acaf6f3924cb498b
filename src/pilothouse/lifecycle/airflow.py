"""Runs the workload through Airflow's REST API: the `airflow-api` way of submitting code."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx

from pilothouse.contract import Capability
from pilothouse.errors import PilothouseError

PARSING = 60.0  # seconds until a new DAG is known
POLL = 0.5  # seconds between two looks at a run
ENDED = ("success", "failed")
TASK_ENDED = (*ENDED, "upstream_failed", "skipped", "removed")


class Away(PilothouseError):
    """Airflow can't answer now."""


class AirflowRuns:
    """Runs of one DAG, for the user that the contract names."""

    def __init__(self, orchestration: Capability[str]) -> None:
        self._dag = orchestration.submit["dag"]
        self._login = {
            "username": orchestration.secrets["AIRFLOW_USERNAME"],
            "password": orchestration.secrets["AIRFLOW_PASSWORD"],
        }
        self._client = httpx.Client(base_url=orchestration.uri, timeout=30.0, trust_env=False)

    def start(self, token: str) -> str:
        """Start a run that carries `token`; return its id."""
        self._log_in()
        self._await_dag()
        self._call("PATCH", f"/api/v2/dags/{self._dag}", {"is_paused": False})
        run = self._call(
            "POST",
            f"/api/v2/dags/{self._dag}/dagRuns",
            {"dag_run_id": token, "logical_date": None, "conf": {"run_token": token}},
        )
        return str(run["dag_run_id"])

    def finish(self, run: str, *, seconds: float, look: Callable[[str], None]) -> dict[str, Any]:
        """Wait for a run to end; `look` gets its tasks' states at every poll and may raise."""
        deadline = time.monotonic() + seconds
        path = f"/api/v2/dags/{self._dag}/dagRuns/{run}"
        tasks: list[dict[str, Any]] = []
        while True:
            tasks = self._found(f"{path}/taskInstances").get("task_instances", tasks)
            look(", ".join(f"{task['task_id']} {task['state'] or 'waits'}" for task in tasks))
            if all(task["state"] in TASK_ENDED for task in tasks):
                found = self._found(path)
                if found.get("state") in ENDED:
                    return found
            if time.monotonic() > deadline:
                raise PilothouseError(f"run {run} has not ended after {seconds:.0f} s")
            time.sleep(POLL)

    def _log_in(self) -> None:
        token = self._call("POST", "/auth/token", self._login)["access_token"]
        self._client.headers["Authorization"] = f"Bearer {token}"

    def _await_dag(self) -> None:
        deadline = time.monotonic() + PARSING
        while self._client.get(f"/api/v2/dags/{self._dag}").status_code == httpx.codes.NOT_FOUND:
            if time.monotonic() > deadline:
                raise PilothouseError(f"Airflow has not parsed DAG {self._dag} in {PARSING:.0f} s")
            time.sleep(POLL)

    def _found(self, path: str) -> dict[str, Any]:
        """What is there; nothing while Airflow's API server or its database is being replaced."""
        try:
            return self._call("GET", path)
        except (httpx.TransportError, Away):
            return {}

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        reply = self._client.request(method, path, json=body)
        if reply.is_error:
            kind = Away if reply.is_server_error else PilothouseError
            raise kind(f"Airflow answers {reply.status_code} to {method} {path}")
        return dict(reply.json())
