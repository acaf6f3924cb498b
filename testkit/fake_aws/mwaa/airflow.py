"""What answers an environment's REST API: DAG runs that a test carries out, or a real Airflow."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from threading import Thread
from typing import Any

import httpx

ADDRESS = "PILOTHOUSE_TEST_AIRFLOW"
"""The variable with the base of a real Airflow's API on this machine, for a server on its own."""


@dataclass(frozen=True)
class Request:
    """A call: its path starts after the version, such as `/dags/train/dagRuns`."""

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)


Api = Callable[[Request], tuple[int, Any]]
Task = Callable[[Mapping[str, Any]], None]
"""Carries out a task with the run's `conf`, or raises."""

_connected: dict[str, Api] = {}


def forget() -> None:
    """No environment is connected any more."""
    _connected.clear()


@contextmanager
def connected(environment: str, api: Api) -> Iterator[None]:
    """An environment's requests are answered by `api`; `*` stands for any environment."""
    _connected[environment] = api
    try:
        yield
    finally:
        _connected.pop(environment, None)


def of(environment: str, address: str | None) -> Api:
    """What answers an environment's requests: without anything else, an Airflow without DAGs."""
    found = _connected.get(environment) or _connected.get("*")
    return found or (forwarding(address) if address else Airflow({}))


def forwarding(base: str, headers: Mapping[str, str] | None = None) -> Api:
    """Pass requests to a real Airflow, such as `http://127.0.0.1:8080/api/v2`."""

    def passed(request: Request) -> tuple[int, Any]:
        answer = httpx.request(
            request.method, base + request.path, params=request.query, headers=headers,
            json=request.body or None, timeout=30,
        )  # fmt: skip
        return answer.status_code, answer.json() if answer.content else {}

    return passed


class Airflow:
    """DAGs with tasks in their order; runs are carried out in a thread of their own."""

    def __init__(self, dags: Mapping[str, Mapping[str, Task]]) -> None:
        self.dags, self.paused = dags, dict.fromkeys(dags, True)
        self.runs: dict[tuple[str, str], dict[str, Any]] = {}
        self.tasks: dict[tuple[str, str], list[dict[str, Any]]] = {}

    def __call__(self, request: Request) -> tuple[int, Any]:
        """Answer a request as Airflow's API does."""
        for method, path, answer in _ROUTES:
            if found := request.method == method and re.fullmatch(path, request.path):
                if found["dag"] not in self.dags:
                    return _problem(HTTPStatus.NOT_FOUND, f"no DAG {found['dag']}")
                return answer(self, request, **found.groupdict())
        return _problem(HTTPStatus.NOT_FOUND, f"no {request.method} {request.path}")

    def show(self, _request: Request, dag: str) -> tuple[int, Any]:
        """A DAG."""
        return HTTPStatus.OK, {"dag_id": dag, "is_paused": self.paused[dag]}

    def change(self, request: Request, dag: str) -> tuple[int, Any]:
        """Pause a DAG, or have its runs carried out."""
        self.paused[dag] = request.body["is_paused"]
        for name in [run for of, run in self.runs if of == dag]:
            self._start(dag, name)
        return self.show(request, dag)

    def trigger(self, request: Request, dag: str) -> tuple[int, Any]:
        """Begin a run."""
        now = datetime.now(UTC).isoformat()
        run = request.body.get("dag_run_id") or f"manual__{now}"
        if (dag, run) in self.runs:
            return _problem(HTTPStatus.CONFLICT, f"the run {run} exists")
        self.runs[dag, run] = {
            "dag_run_id": run, "dag_id": dag, "state": "queued", "queued_at": now,
            "conf": request.body.get("conf") or {},
        }  # fmt: skip
        self.tasks[dag, run] = [
            {"task_id": task, "dag_id": dag, "dag_run_id": run, "state": None, "try_number": 0}
            for task in self.dags[dag]
        ]
        self._start(dag, run)
        return HTTPStatus.OK, dict(self.runs[dag, run])

    def run(self, _request: Request, dag: str, run: str) -> tuple[int, Any]:
        """A run as it is now."""
        found = self.runs.get((dag, run))
        if found is None:
            return _problem(HTTPStatus.NOT_FOUND, f"no run {run}")
        return HTTPStatus.OK, dict(found)

    def instances(self, _request: Request, dag: str, run: str) -> tuple[int, Any]:
        """A run's tasks as they are now."""
        tasks = [dict(task) for task in self.tasks.get((dag, run), [])]
        return HTTPStatus.OK, {"task_instances": tasks, "total_entries": len(tasks)}

    def list_runs(self, _request: Request, dag: str) -> tuple[int, Any]:
        """A DAG's runs."""
        runs = [dict(run) for (of, _), run in self.runs.items() if of == dag]
        return HTTPStatus.OK, {"dag_runs": runs, "total_entries": len(runs)}

    def _start(self, dag: str, run: str) -> None:
        if not self.paused[dag] and self.runs[dag, run]["state"] == "queued":
            self.runs[dag, run]["state"] = "running"
            Thread(target=self._carry_out, args=(dag, run), daemon=True).start()

    def _carry_out(self, dag: str, run: str) -> None:
        record, has_failed = self.runs[dag, run], False
        for task in self.tasks[dag, run]:
            if has_failed:
                task["state"] = "upstream_failed"
                continue
            task |= {"state": "running", "try_number": 1}
            try:
                self.dags[dag][task["task_id"]](record["conf"])
            except Exception as error:  # noqa: BLE001  (whatever a test's task raises, it has failed)
                task |= {"state": "failed", "note": str(error)}
                has_failed = True
            else:
                task["state"] = "success"
        record["state"] = "failed" if has_failed else "success"


_DAG = r"/dags/(?P<dag>[^/]+)"
_RUN = rf"{_DAG}/dagRuns/(?P<run>[^/]+)"
_ROUTES: list[tuple[str, str, Callable[..., tuple[int, Any]]]] = [
    ("GET", _DAG, Airflow.show),
    ("PATCH", _DAG, Airflow.change),
    ("GET", f"{_DAG}/dagRuns", Airflow.list_runs),
    ("POST", f"{_DAG}/dagRuns", Airflow.trigger),
    ("GET", _RUN, Airflow.run),
    ("GET", f"{_RUN}/taskInstances", Airflow.instances),
]


def _problem(status: HTTPStatus, said: str) -> tuple[int, Any]:
    return status, {"title": status.phrase, "detail": said, "status": int(status)}
