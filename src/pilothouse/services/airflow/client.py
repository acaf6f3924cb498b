"""Runs the workload through Airflow's REST API, by whatever way a call gets there.

`airflow_api` is the way that the contract calls `airflow-api`: HTTP, with a user and a password.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pilothouse.contract import Capability
from pilothouse.errors import PilothouseError
from pilothouse.services.airflow.api import Call, Conflict, HttpApi, Missing, ServiceUnavailable
from pilothouse.services.workflows import Run, RunTimeouts
from pilothouse.waiting import wait_until

ENDED = ("success", "failed")
TASK_ENDED = (*ENDED, "upstream_failed", "skipped", "removed")
AIRFLOW_3: Mapping[str, Any] = {"logical_date": None}  # Airflow 3 refuses a run without it
TIMEOUTS = RunTimeouts(limit=900.0, poll=0.5, ready=60.0)


class DagRuns:
    """Runs of one DAG.

    `longest` is the number of characters that a call's path may have; a run's id is the end of
    its token where the whole of it has no room. `body` is what a new run is told beside its token.
    """

    def __init__(
        self,
        dag: str,
        call: Call,
        timeouts: RunTimeouts,
        *,
        body: Mapping[str, Any] = AIRFLOW_3,
        longest: int = 2000,
    ) -> None:
        self.timeouts = timeouts
        self._dag, self._call, self._body = dag, call, body
        self._room = longest - len(self._tasks_of(""))
        if self._room < 1:
            raise PilothouseError(
                f"DAG {dag!r} has a name too long for calls of {longest} characters: shorten it"
            )

    def start(self, token: str) -> str:
        """Start a run that carries `token`; return its id."""
        run = token[-self._room :].lstrip("-")
        self._await_dag()
        self._call("PATCH", f"/dags/{self._dag}", {"is_paused": False})
        body = {"dag_run_id": run, "conf": {"run_token": token}, **self._body}
        try:
            self._call("POST", f"/dags/{self._dag}/dagRuns", body)
        except Conflict:  # the answer to the first try was lost; whose run it is, its token tells
            return run
        return run

    def look(self, run: str) -> Run | None:
        """How the run stands; None while Airflow or its database is being replaced."""
        try:
            return self._look(run)
        except ServiceUnavailable:
            return None

    def _look(self, run: str) -> Run:
        tasks = self._call("GET", self._tasks_of(run))["task_instances"]
        steps = ", ".join(f"{task['task_id']} {task['state'] or 'waits'}" for task in tasks)
        if not all(task["state"] in TASK_ENDED for task in tasks):
            return Run(name=f"{self._dag}/{run}", steps=steps, state="running")
        found = self._call("GET", self._path_of(run))
        return Run(
            name=f"{self._dag}/{run}",
            steps=steps,
            state=found["state"],
            ended=found["state"] in ENDED,
            succeeded=found["state"] == "success",
            token=found["conf"].get("run_token", ""),
            reason=", ".join(task["task_id"] for task in tasks if task["state"] == "failed"),
        )

    def _path_of(self, run: str) -> str:
        return f"/dags/{self._dag}/dagRuns/{run}"

    def _tasks_of(self, run: str) -> str:
        return f"{self._path_of(run)}/taskInstances"

    def _await_dag(self) -> None:
        limit, poll = self.timeouts.ready, self.timeouts.poll
        if not wait_until(self._knows_dag, seconds=limit, pause=poll):
            raise PilothouseError(
                f"Airflow has not parsed DAG {self._dag} in {limit:.0f} s: look for its import "
                "error in Airflow's console or in the log of its DAG processor"
            )

    def _knows_dag(self) -> bool:
        try:
            self._call("GET", f"/dags/{self._dag}")
        except Missing:
            return False
        return True


def airflow_api(orchestration: Capability[str]) -> DagRuns:
    """WorkflowClient for the user that the contract names."""
    return DagRuns(orchestration.submit["dag"], HttpApi(orchestration), TIMEOUTS)
