"""The workload as a SageMaker pipeline: one execution a token, its steps, why it failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Event
from typing import Any

import pytest
from testkit.fake_aws.pipelines import executed_by
from testkit.support.aws import REGION
from testkit.support.aws_resources import make_pipeline

from pilothouse.contract import Capability
from pilothouse.errors import PilothouseError
from pilothouse.services.workflows import Run, RunTimeouts, wait_for_run
from pilothouse.targets.aws.clients import api
from pilothouse.targets.aws.clients.pipeline_runs import PipelineRuns

NAME = "pilot-pipeline-1a2b3c"
TOKEN = "verify-20260729-101112-0a1b2c3d"


@pytest.fixture(scope="module")
def pipeline(aws: str) -> None:
    make_pipeline(NAME, {"DATA_URI": "s3://pilot-data", "MODEL_NAME": "pilot"})


@pytest.fixture
def runs(pipeline: None, monkeypatch: pytest.MonkeyPatch) -> PipelineRuns:
    monkeypatch.setattr(PipelineRuns, "timeouts", RunTimeouts(limit=10, poll=0.02, ready=0))
    way = {"kind": "sagemaker-pipeline", "pipeline": NAME, "region": REGION}
    return PipelineRuns(Capability(uri="", console="", submit=way))


def run(runs: PipelineRuns, look: Callable[[str], None] = lambda _: None) -> Run:
    return wait_for_run(runs, runs.start(TOKEN), look=look)


def test_each_step_gets_the_token_that_the_run_was_started_with(runs: PipelineRuns) -> None:
    given: list[tuple[str, str]] = []

    def step(wanted: Mapping[str, Any], parameters: Mapping[str, str]) -> None:
        reference = wanted["Arguments"]["Environment"]["RUN_TOKEN"]["Get"]
        given.append((wanted["Name"], parameters[reference.removeprefix("Parameters.")]))

    with executed_by(step):
        ended = run(runs)
    assert given == [(step, TOKEN) for step in ("prepare", "train", "register", "predict")]
    assert (ended.state, ended.succeeded, ended.token) == ("Succeeded", True, TOKEN)
    assert ended.name.startswith(f"{NAME}/")


def test_its_steps_are_told_while_it_goes_on(runs: PipelineRuns) -> None:
    seen, told = Event(), list[str]()

    def step(wanted: Mapping[str, Any], _: Mapping[str, str]) -> None:
        assert wanted["Name"] != "train" or seen.wait(10)

    def look(steps: str) -> None:
        told.append(steps)
        if "train Executing" in steps:
            seen.set()

    with executed_by(step):
        run(runs, look=look)
    assert "prepare Succeeded, train Executing, register Starting, predict Starting" in told
    assert told[-1] == "prepare Succeeded, train Succeeded, register Succeeded, predict Succeeded"


def test_the_step_that_failed_says_why(runs: PipelineRuns) -> None:
    def step(wanted: Mapping[str, Any], _: Mapping[str, str]) -> None:
        if wanted["Name"] == "train":
            raise ValueError("ResourceLimitExceeded: no ml.m5.large")

    with executed_by(step):
        ended = run(runs)
    assert (ended.succeeded, ended.state) == (False, "Failed")
    assert ended.reason == "train: ResourceLimitExceeded: no ml.m5.large"


def test_a_repeated_call_is_known_by_its_token(
    runs: PipelineRuns, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    client = api.client("sagemaker", REGION)

    def note(params: Mapping[str, Any], **_: Any) -> None:
        sent.append(params["ClientRequestToken"])

    client.meta.events.register("provide-client-params.sagemaker.StartPipelineExecution", note)
    try:
        runs.start(TOKEN)
        runs.start(TOKEN)
        runs.start(f"{TOKEN}-2")
    finally:
        client.meta.events.unregister(
            "provide-client-params.sagemaker.StartPipelineExecution", note
        )
    assert sent[0] == sent[1] != sent[2]
    assert 32 <= len(sent[0]) <= 128


def test_a_throttled_look_is_no_look(runs: PipelineRuns, monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.exceptions import ClientError

    started = runs.start(TOKEN)
    error = {"Error": {"Code": "ThrottlingException", "Message": "slower"}}
    metadata = {"ResponseMetadata": {"HTTPStatusCode": 400}}
    refusals = [ClientError({**error, **metadata}, "DescribePipelineExecution")] * 2  # type: ignore[typeddict-item]
    client = api.client("sagemaker", REGION)
    real = client.describe_pipeline_execution

    def describe(**arguments: Any) -> Any:
        if refusals:
            raise refusals.pop()
        return real(**arguments)

    monkeypatch.setattr(client, "describe_pipeline_execution", describe)
    assert runs.look(started) is None
    assert wait_for_run(runs, started, look=lambda _: None).succeeded


def test_a_pipeline_that_is_not_there_is_named(aws: str) -> None:
    way = {"kind": "sagemaker-pipeline", "pipeline": "nobodys", "region": REGION}
    with pytest.raises(PilothouseError, match=r"StartPipelineExecution.*nobodys"):
        PipelineRuns(Capability(uri="", console="", submit=way)).start(TOKEN)
