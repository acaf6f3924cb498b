"""Runs of the team's workload by Airflow's API: what is called, and what its answers mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from pilothouse.errors import PilothouseError, Refused
from pilothouse.services.airflow import workload
from pilothouse.services.airflow.api import Missing
from pilothouse.services.airflow.workload import AirflowWorkloadRuns
from pilothouse.services.workload import RunRequest, StepRun

REQUEST = RunRequest(
    token="run-1234567", package="0123456789ab", parameters={"region": "us"}, steps=["train"]
)
FOUND = {
    "dag_run_id": "run 1/2",
    "state": "failed",
    "start_date": "2026-11-27T10:00:00Z",
    "end_date": None,
    "conf": {"region": "us", "pilothouse": {"token": "run-1234567"}},
}


class Airflow:
    """Answers calls by method and path; a list answers one after the other."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers, self.calls = dict(answers), list[tuple[str, Any]]()

    def __call__(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        self.calls.append((f"{method} {path}", body))
        answer = self.answers.get(f"{method} {path}")
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if answer is None:
            raise Missing(path)
        return answer


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workload, "POLL", 0.0)
    monkeypatch.setattr(workload, "KNOWN_WITHIN", 0.05)
    monkeypatch.setattr(workload, "LOGGED_WITHIN", 0.05)


def runs_of(answers: Mapping[str, Any]) -> tuple[AirflowWorkloadRuns, Airflow]:
    airflow = Airflow(answers)
    return AirflowWorkloadRuns("workload", airflow), airflow


def test_a_run_starts_once_airflow_has_parsed_the_definition() -> None:
    old, new = ({"description": each} for each in ("the old one", "the new one"))
    runs, airflow = runs_of(
        {
            "GET /dags/workload": [old, old, new],
            "PATCH /dags/workload": {},
            "POST /dags/workload/dagRuns": {},
        }
    )
    assert runs.start(REQUEST, "the new one") == "run-1234567"
    assert [call for call, _ in airflow.calls].count("GET /dags/workload") == 3
    call, body = airflow.calls[-1]
    assert call == "POST /dags/workload/dagRuns"
    own = {"token": "run-1234567", "package": "0123456789ab", "steps": ["train"], "inputs": ""}
    assert body["conf"] == {"region": "us", "pilothouse": own}
    assert body["dag_run_id"] == "run-1234567"


@pytest.mark.parametrize("answer", [None, {"description": "the old one"}])
def test_a_definition_that_airflow_does_not_get_starts_nothing(answer: Any) -> None:
    runs, airflow = runs_of({"GET /dags/workload": answer})
    with pytest.raises(PilothouseError, match="has not parsed the workload's DAG"):
        runs.start(REQUEST, "the new one")
    assert not [call for call, _ in airflow.calls if not call.startswith("GET")]


def test_a_run_is_read_with_its_steps_and_without_what_is_ours() -> None:
    task = {"start_date": None, "end_date": None, "try_number": 0}
    runs, _ = runs_of(
        {
            "GET /dags/workload/dagRuns/run%201%2F2": FOUND,
            "GET /dags/workload/dagRuns/run%201%2F2/taskInstances": {
                "task_instances": [{"task_id": "train", "state": None, **task}]
            },
        }
    )
    run = runs.look("run 1/2")
    assert (run.state, run.ended, run.succeeded) == ("failed", True, False)
    assert (run.parameters, run.finished) == ({"region": "us"}, "")
    assert run.steps == [StepRun(name="train", state="waiting", tries=0)]


def test_an_unknown_run_is_refused_and_before_the_first_there_are_none() -> None:
    runs, _ = runs_of({})
    with pytest.raises(Refused, match=r"no run 'x'; `pilothouse runs` lists them"):
        runs.look("x")
    assert runs.recent(5) == []


def lines(*events: str) -> dict[str, Any]:
    return {"content": [{"event": "::group::"}, *({"event": e, "timestamp": "t"} for e in events)]}


LOG = "GET /dags/workload/dagRuns/r/taskInstances/train/logs/2?full_content=true"
BEGINS, ENDS = "pilothouse: step begins", "pilothouse: step ends: exit code 0"
ENDED = StepRun(name="train", state="success", tries=2, started="a", ended="b")


def test_the_log_is_what_the_step_said_once_it_is_all_there() -> None:
    whole = lines("Running command", BEGINS, "epoch 1", "epoch 2", ENDS, "returned 0")
    runs, _ = runs_of({LOG: [lines(), lines("Running command", BEGINS, "epoch 1"), whole]})
    assert runs.log("r", ENDED) == ["epoch 1", "epoch 2", ENDS]


def test_the_log_of_a_pod_is_what_its_container_said() -> None:
    said = (f"[base] {BEGINS}\n", "[base] epoch 1\n", f"[base] {ENDS}\n", "Deleting pod")
    runs, _ = runs_of({LOG: lines(*said)})
    assert runs.log("r", ENDED) == ["epoch 1", ENDS]


def test_a_task_that_never_began_its_step_shows_what_airflow_says() -> None:
    runs, _ = runs_of({LOG: lines("No module named 'x'")})
    assert runs.log("r", ENDED) == ["No module named 'x'"]


def test_a_step_that_has_no_try_has_no_log() -> None:
    runs, airflow = runs_of({})
    assert runs.log("r", StepRun(name="train", state="waiting", tries=0)) == []
    assert airflow.calls == []


def test_a_step_that_runs_shows_what_there_is_without_waiting() -> None:
    runs, airflow = runs_of({LOG: lines(BEGINS, "epoch 1")})
    assert runs.log("r", StepRun(name="train", state="running", tries=2)) == ["epoch 1"]
    assert len(airflow.calls) == 1


def test_a_run_is_cancelled_by_failing_it() -> None:
    runs, airflow = runs_of({"PATCH /dags/workload/dagRuns/r": {}})
    runs.cancel("r")
    assert airflow.calls == [("PATCH /dags/workload/dagRuns/r", {"state": "failed"})]
