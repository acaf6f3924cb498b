"""The workload through MWAA's way to Airflow: what is sent, waited for, borne and refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from testkit.fake_aws.mwaa.airflow import Airflow, Request, connected
from testkit.support.aws import REGION
from testkit.support.aws_resources import make_mwaa

from pilothouse.contract import Capability
from pilothouse.errors import PilothouseError
from pilothouse.services.workflows import Run, RunTimeouts, wait_for_run
from pilothouse.targets.aws.clients import mwaa_runs

DAG, NAME = "pilothouse_workload", "pilot-airflow-1a2b3c"
STEPS = ("prepare", "train", "register", "predict")
TOKEN = "verify-20260729-101112-0a1b2c3d"


def orchestration(dag: str = DAG, name: str = NAME) -> Capability[str]:
    way = {"kind": "mwaa", "environment": name, "dag": dag, "region": REGION}
    return Capability(uri="", console="", submit=way)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No wait is longer than a test bears."""
    monkeypatch.setattr(mwaa_runs, "TIMEOUTS", RunTimeouts(limit=10, poll=0.02, ready=2))
    monkeypatch.setattr(mwaa_runs, "PAUSES", (0.01, 0.01))


class Recorded:
    """An Airflow with the workload's DAG that remembers what it was asked."""

    def __init__(self, **tasks: Callable[[Mapping[str, Any]], None]) -> None:
        self.airflow = Airflow({DAG: {step: tasks.get(step, lambda _: None) for step in STEPS}})
        self.asked: list[Request] = []
        self.answers: list[tuple[int, Any]] = []  # given instead, one a call

    def __call__(self, request: Request) -> tuple[int, Any]:
        self.asked.append(request)
        return self.answers.pop(0) if self.answers else self.airflow(request)


@pytest.fixture(scope="module")
def made(aws: str) -> None:
    make_mwaa(NAME)


@pytest.fixture
def environment(made: None) -> Iterator[Recorded]:
    recorded = Recorded()
    with connected(NAME, recorded):
        yield recorded


def run(token: str = TOKEN, name: str = NAME, look: Callable[[str], None] = lambda _: None) -> Run:
    runs = mwaa_runs.mwaa(orchestration(name=name))
    return wait_for_run(runs, runs.start(token), look=look)


def test_a_run_ends_with_the_token_that_it_was_started_with(environment: Recorded) -> None:
    told: list[str] = []
    ended = run(look=told.append)
    assert (ended.succeeded, ended.state, ended.token) == (True, "success", TOKEN)
    assert ended.steps == ", ".join(f"{step} success" for step in STEPS)
    assert ended.steps == told[-1]
    assert ended.name == f"{DAG}/101112-0a1b2c3d"


def test_no_path_is_longer_than_mwaa_bears(environment: Recorded) -> None:
    run(f"{'x' * 40}-{TOKEN}")
    assert max(len(request.path) for request in environment.asked) <= 64
    assert all(request.path.startswith(f"/dags/{DAG}") for request in environment.asked)


def test_a_dag_with_no_room_for_a_runs_id_is_refused(environment: Recorded) -> None:
    with pytest.raises(PilothouseError, match="name too long"):
        mwaa_runs.mwaa(orchestration(dag="d" * 60))


def test_it_is_unpaused_before_a_run_begins(environment: Recorded) -> None:
    run()
    changes = [request for request in environment.asked if request.method != "GET"]
    assert [request.method for request in changes] == ["PATCH", "POST"]
    assert changes[0].body == {"is_paused": False}


@pytest.mark.parametrize("version", ["2.7.2", "2.11.0"])
def test_airflow_2_is_not_told_what_only_airflow_3_wants(aws: str, version: str) -> None:
    name = f"older-{version.replace('.', '-')}"
    make_mwaa(name, version)
    recorded = Recorded()
    with connected(name, recorded):
        run(name=name)
    (begun,) = [request for request in recorded.asked if request.method == "POST"]
    assert begun.body == {"dag_run_id": "101112-0a1b2c3d", "conf": {"run_token": TOKEN}}


def test_airflow_3_is_told_that_a_run_has_no_date(environment: Recorded) -> None:
    run()
    (begun,) = [request for request in environment.asked if request.method == "POST"]
    assert begun.body["logical_date"] is None


def test_a_failed_task_is_named(made: None) -> None:
    def broken(_: Mapping[str, Any]) -> None:
        raise ValueError("no machine")

    with connected(NAME, Recorded(train=broken)):
        ended = run()
    assert (ended.succeeded, ended.state, ended.reason) == (False, "failed", "train")
    assert "register upstream_failed" in ended.steps


def test_a_dag_that_is_still_on_its_way_is_waited_for(environment: Recorded) -> None:
    environment.answers = [(404, {"detail": "no DAG"})] * 3
    assert run().succeeded


def test_a_dag_that_never_comes_is_named(
    environment: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.airflow.dags = {}
    monkeypatch.setattr(mwaa_runs, "TIMEOUTS", RunTimeouts(limit=1, poll=0.02, ready=0.1))
    with pytest.raises(PilothouseError, match=f"has not parsed DAG {DAG} in 0 s"):
        run()


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_busy_web_server_is_asked_again(environment: Recorded, status: int) -> None:
    environment.answers = [(status, {"detail": "busy"})] * 2
    assert run().succeeded


def test_a_run_that_was_begun_without_its_answer_is_followed(environment: Recorded) -> None:
    runs = mwaa_runs.mwaa(orchestration())
    assert runs.start(TOKEN) == runs.start(TOKEN)
    assert wait_for_run(runs, runs.start(TOKEN), look=lambda _: None).succeeded
    assert len(environment.airflow.runs) == 1


def test_while_airflow_is_away_the_run_is_not_lost(environment: Recorded) -> None:
    runs = mwaa_runs.mwaa(orchestration())
    begun = runs.start(TOKEN)
    environment.answers = [(503, {"detail": "away"})] * 3  # one call and its repetitions
    assert runs.look(begun) is None
    assert wait_for_run(runs, begun, look=lambda _: None).succeeded


def test_what_airflow_refuses_is_told_in_its_words(environment: Recorded) -> None:
    environment.answers = [(200, {}), (403, {"detail": "no right to change it"})]
    with pytest.raises(PilothouseError, match=f"{NAME} answers 403: .*no right to change it"):
        run()


def test_an_environment_that_is_not_there_is_named(aws: str) -> None:
    with pytest.raises(PilothouseError, match=r"GetEnvironment.*nobodys-airflow"):
        run(name="nobodys-airflow")


def test_a_run_that_does_not_end_is_given_up(
    environment: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mwaa_runs, "TIMEOUTS", RunTimeouts(limit=0.1, poll=0.02, ready=1))
    monkeypatch.setattr(environment.airflow, "_start", lambda *_: None)
    with pytest.raises(PilothouseError, match="has not ended after 0 s"):
        run()
