"""MWAA's way to Airflow, with a real Airflow at its end: what is sent is what Airflow takes."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from testkit.fake_aws.mwaa.airflow import connected, forwarding
from testkit.support.aws import REGION, services
from testkit.support.aws_resources import make_mwaa

from pilothouse.contract import Capability
from pilothouse.services.workflows import wait_for_run
from pilothouse.targets.aws.clients import mwaa_runs
from pilothouse.targets.aws.clients.mwaa_workload import MwaaWorkloadRuns

pytestmark = pytest.mark.live

NAME, DAG = "pilot-airflow", "pilothouse_workload"


@pytest.fixture
def environment(contract: Any) -> Iterator[str]:
    """An MWAA environment whose Airflow is the running stack's."""
    orchestration = contract["orchestration"]
    login = httpx.post(f"{orchestration['uri']}/auth/token", json=orchestration["login"])
    headers = {"Authorization": f"Bearer {login.json()['access_token']}"}
    real = forwarding(f"{orchestration['uri']}/api/v2", headers)
    with services():
        make_mwaa(NAME)
        with connected(NAME, real):
            yield NAME


def test_airflow_runs_the_workload_as_mwaa_is_asked(
    environment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        mwaa_runs, "TIMEOUTS", replace(mwaa_runs.TIMEOUTS, limit=300, poll=1, ready=60)
    )
    token = f"verify-20260729-101112-{secrets.token_hex(4)}"
    way = {"kind": "mwaa", "environment": environment, "dag": DAG, "region": REGION}
    runs = mwaa_runs.mwaa(Capability(uri="", console="", submit=way))
    told: list[str] = []
    run = runs.start(token)
    assert run == runs.start(token)  # Airflow says that it has it already
    ended = wait_for_run(runs, run, look=told.append)
    assert (ended.succeeded, ended.token) == (True, token)
    assert told[-1] == "prepare success, train success, register success, predict success"
    steps = MwaaWorkloadRuns(Capability(uri="", console="", submit={**way, "workload": DAG}))
    found = steps.look(run)
    assert found.succeeded
    assert {step.name: (step.state, step.tries) for step in found.steps} == dict.fromkeys(
        ("prepare", "train", "register", "predict"), ("success", 1)
    )
    assert run in [each.name for each in steps.recent(20)]
