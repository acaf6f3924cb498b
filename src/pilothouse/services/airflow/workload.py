"""Runs of the team's workload, as Airflow has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from pilothouse.contract import Capability
from pilothouse.errors import PilothouseError, Refused
from pilothouse.services.airflow.api import Call, HttpApi, Missing
from pilothouse.services.airflow.client import AIRFLOW_3, ENDED
from pilothouse.services.workload import (
    CONF_KEY,
    RunRequest,
    StepRun,
    WorkloadRun,
    is_complete,
    lines_of_step,
)
from pilothouse.waiting import wait_until

KNOWN_WITHIN = 120.0  # seconds from a new definition to its DAG
LOGGED_WITHIN = 20.0  # seconds from a task's end to its log
CONTAINER = "[base] "
"""What Airflow puts before each line of a pod's container of that name."""
POLL = 0.25
TRY_ENDED = (*ENDED, "up_for_retry")


class AirflowWorkloadRuns:
    """WorkloadRuns of one DAG."""

    def __init__(self, dag: str, call: Call) -> None:
        self._dag, self._call = f"/dags/{dag}", call

    @classmethod
    def of(cls, orchestration: Capability[str], dag: str) -> AirflowWorkloadRuns:
        """Those of `dag`, for the user that the contract names."""
        return cls(dag, HttpApi(orchestration))

    def start(self, request: RunRequest, definition: str) -> str:
        """Start a run once the DAG has this description; its id, which is the token."""
        if not wait_until(lambda: self._has(definition), seconds=KNOWN_WITHIN, pause=POLL):
            raise PilothouseError(
                f"Airflow has not parsed the workload's DAG in {KNOWN_WITHIN:.0f} s: look for its "
                "import error in Airflow's console or in the log of its DAG processor"
            )
        own = {
            "token": request.token,
            "package": request.package,
            "steps": list(request.steps),
            "inputs": request.inputs,
        }
        body = {
            "dag_run_id": request.token,
            "conf": {**request.parameters, CONF_KEY: own},
            **AIRFLOW_3,
        }
        self._call("PATCH", self._dag, {"is_paused": False})
        self._call("POST", f"{self._dag}/dagRuns", body)
        return request.token

    def recent(self, limit: int) -> list[WorkloadRun]:
        """The runs that were queued last."""
        query = urlencode({"limit": limit, "order_by": "-run_after"})
        try:
            found = self._call("GET", f"{self._dag}/dagRuns?{query}")
        except Missing:
            return []
        return [_run(each) for each in found["dag_runs"]]

    def look(self, run: str) -> WorkloadRun:
        """The run with the tasks that have begun or wait."""
        try:
            found = self._call("GET", self._path(run))
            tasks = self._tasks(run)
        except Missing:
            raise Refused(f"no run {run!r}; `pilothouse runs` lists them") from None
        return _run(found, [_step(task) for task in tasks])

    def log(self, run: str, step: StepRun) -> list[str]:
        """What the step said in its last try; of one that did not begin, what Airflow says.

        The log of a task that has ended is in the store a moment later, for which this waits.
        """
        if not step.tries:
            return []
        found: list[str] = []

        def read() -> bool:
            found[:] = self._lines(run, step)
            return is_complete(found)

        wait_until(read, seconds=LOGGED_WITHIN if step.ended else 0.0, pause=POLL)
        return lines_of_step(found)

    def _lines(self, run: str, step: StepRun) -> list[str]:
        path = f"{self._path(run)}/taskInstances/{step.name}/logs/{step.tries}"
        try:
            content = self._call("GET", f"{path}?full_content=true")["content"]
        except Missing:
            return []
        said = (str(line["event"]) for line in content if "timestamp" in line)
        return [line.removeprefix(CONTAINER).rstrip("\n") for line in said]

    def cancel(self, run: str) -> None:
        """Fail the run, for which Airflow ends its tasks."""
        self._call("PATCH", self._path(run), {"state": "failed"})

    def _tasks(self, run: str) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = self._call("GET", f"{self._path(run)}/taskInstances")[
            "task_instances"
        ]
        return found

    def _has(self, definition: str) -> bool:
        try:
            return bool(self._call("GET", self._dag)["description"] == definition)
        except Missing:
            return False

    def _path(self, run: str) -> str:
        return f"{self._dag}/dagRuns/{quote(run, safe=':+')}"


def _run(found: Mapping[str, Any], steps: list[StepRun] | None = None) -> WorkloadRun:
    parameters = {name: value for name, value in (found["conf"] or {}).items() if name != CONF_KEY}
    return WorkloadRun(
        name=found["dag_run_id"],
        state=found["state"],
        ended=found["state"] in ENDED,
        succeeded=found["state"] == "success",
        started=found["start_date"] or "",
        finished=found["end_date"] or "",
        parameters=parameters,
        steps=steps or [],
    )


def _step(task: Mapping[str, Any]) -> StepRun:
    return StepRun(
        name=task["task_id"],
        state=task["state"] or "waiting",
        tries=task["try_number"],
        started=task["start_date"] or "",
        ended=task["end_date"] or "",
        is_over=task["state"] in TRY_ENDED,
    )
