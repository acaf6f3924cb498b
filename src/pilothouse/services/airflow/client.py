"""Runs the workload through Airflow's REST API, by whatever way a call gets there.

`airflow_api` is the way that the contract calls `airflow-api`: HTTP, with a user and a password.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import httpx

from pilothouse.contract import Capability
from pilothouse.errors import PilothouseError
from pilothouse.services.workflows import Run, RunTimeouts
from pilothouse.waiting import wait_until

ENDED = ("success", "failed")
TASK_ENDED = (*ENDED, "upstream_failed", "skipped", "removed")
AIRFLOW_3: Mapping[str, Any] = {"logical_date": None}  # Airflow 3 refuses a run without it
TIMEOUTS = RunTimeouts(limit=900.0, poll=0.5, ready=60.0)


class ServiceUnavailable(PilothouseError):
    """Airflow can't answer now."""


class Missing(PilothouseError):
    """Airflow does not know what it was asked for."""


class Conflict(PilothouseError):
    """Airflow has it already."""


class Call(Protocol):
    """One call of the API, by a path such as `/dags`.

    Raises ServiceUnavailable, Missing, Conflict or another PilothouseError.
    """

    def __call__(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The answer's document."""


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
    return DagRuns(orchestration.submit["dag"], _Api(orchestration), TIMEOUTS)


class _Api:
    """Calls over HTTP by a user who logs in at the first one."""

    def __init__(self, orchestration: Capability[str]) -> None:
        self._login = {
            "username": orchestration.secrets["AIRFLOW_USERNAME"],
            "password": orchestration.secrets["AIRFLOW_PASSWORD"],
        }
        self._client = httpx.Client(base_url=orchestration.uri, timeout=30.0, trust_env=False)

    def __call__(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        if "Authorization" not in self._client.headers:
            token = self._request("POST", "/auth/token", self._login)["access_token"]
            self._client.headers["Authorization"] = f"Bearer {token}"
        return self._request(method, f"/api/v2{path}", body)

    def _request(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        try:
            reply = self._client.request(method, path, json=body)
        except httpx.TransportError as error:
            raise ServiceUnavailable(f"Airflow does not answer: {error}") from error
        if reply.is_error:
            what = f"Airflow answers {reply.status_code} to {method} {path}"
            raise error_of(reply.status_code)(what)
        return reply.json()


def error_of(status: int) -> type[PilothouseError]:
    """The kind of error that an HTTP status of Airflow's means."""
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.TOO_MANY_REQUESTS:
        return ServiceUnavailable
    return _KINDS.get(status, PilothouseError)


_KINDS: Mapping[int, type[PilothouseError]] = {
    httpx.codes.NOT_FOUND: Missing,
    httpx.codes.CONFLICT: Conflict,
}
