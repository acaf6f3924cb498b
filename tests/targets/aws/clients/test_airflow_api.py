"""Airflow's REST API over HTTP, by a user who logs in: the way where we run Airflow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from testkit.fake_aws.mwaa.airflow import Airflow, Request

from pilothouse.contract import Capability
from pilothouse.errors import PilothouseError
from pilothouse.services.airflow import client as airflow_client
from pilothouse.services.airflow.api import ServiceUnavailable
from pilothouse.services.workflows import Run, RunTimeouts, wait_for_run

DAG, TOKEN = "pilothouse_workload", "verify-20260729-101112-0a1b2c3d"
PASSWORD = "of-a-test"


class Served:
    """An Airflow at `url`; `answers` are given instead of its own, one a call."""

    def __init__(self) -> None:
        self.airflow = Airflow({DAG: {"prepare": lambda _: None, "train": lambda _: None}})
        self.answers: list[int] = []
        self.url = ""

    def answer(self, method: str, path: str, login: str, body: Any) -> tuple[int, Any]:
        if path == "/auth/token":
            good = body == {"username": "pilot", "password": PASSWORD}
            return (201, {"access_token": "pass"}) if good else (401, {})
        if login != "Bearer pass":
            return 401, {}
        if self.answers:
            return self.answers.pop(0), {}
        return self.airflow(Request(method, path.removeprefix("/api/v2"), {}, body or {}))


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    made = Served()

    class Handler(BaseHTTPRequestHandler):
        def reply(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            login = self.headers.get("Authorization", "")
            body = json.loads(content) if content else None
            status, answer = made.answer(self.command, self.path, login, body)
            text = json.dumps(answer).encode()
            self.send_response_only(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_PATCH = do_POST = reply  # noqa: N815

    monkeypatch.setattr(airflow_client, "TIMEOUTS", RunTimeouts(limit=10, poll=0.02, ready=5))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


def runs_at(url: str, password: str = PASSWORD) -> airflow_client.DagRuns:
    secrets = {"AIRFLOW_USERNAME": "pilot", "AIRFLOW_PASSWORD": password}
    submit = {"kind": "airflow-api", "dag": DAG}
    return airflow_client.airflow_api(
        Capability(uri=url, console="", secrets=secrets, submit=submit)
    )


def run(served: Served) -> Run:
    runs = runs_at(served.url)
    return wait_for_run(runs, runs.start(TOKEN), look=lambda _: None)


def test_a_run_has_its_whole_token_for_its_id(served: Served) -> None:
    ended = run(served)
    assert (ended.name, ended.token) == (f"{DAG}/{TOKEN}", TOKEN)
    assert (ended.succeeded, ended.steps) == (True, "prepare success, train success")


def test_a_dag_that_is_not_parsed_yet_is_waited_for(served: Served) -> None:
    served.answers = [404, 404]
    assert run(served).succeeded


def test_while_the_server_is_being_replaced_the_run_is_not_lost(served: Served) -> None:
    runs = runs_at(served.url)
    begun = runs.start(TOKEN)
    served.answers = [503]
    assert runs.look(begun) is None
    assert wait_for_run(runs, begun, look=lambda _: None).succeeded


def test_a_wrong_password_is_no_waiting(served: Served) -> None:
    with pytest.raises(PilothouseError, match="answers 401 to POST /auth/token"):
        runs_at(served.url, password="another").start(TOKEN)


def test_no_server_at_all_is_said(served: Served) -> None:
    with pytest.raises(ServiceUnavailable, match="Airflow does not answer"):
        runs_at("http://127.0.0.1:9").start(TOKEN)
