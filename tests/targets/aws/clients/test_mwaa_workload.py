"""Runs of the team's workload on MWAA: started by Airflow's API, with the jobs of its tasks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import pytest
from testkit.fake_aws.mwaa.airflow import Request, connected
from testkit.support.aws import REGION
from testkit.support.aws_resources import ROLE, make_mwaa

from pilothouse.contract import Capability
from pilothouse.services.workload import BEGINS, ENDS, RunRequest
from pilothouse.targets.aws.clients import api
from pilothouse.targets.aws.clients.mwaa_runs import LONGEST_PATH
from pilothouse.targets.aws.clients.mwaa_workload import MwaaWorkloadRuns, digest

NAME, RUN = "steps-airflow", "run-20261128-101112-0a1b"
TASK = {
    "task_id": "train",
    "state": "running",
    "try_number": 2,
    "start_date": "now",
    "end_date": "",
}


@dataclass
class Api:
    """An Airflow with one run, and the requests that it got."""

    asked: list[Request] = field(default_factory=list)

    def __call__(self, request: Request) -> tuple[int, Any]:
        self.asked.append(request)
        run = {"dag_run_id": RUN, "state": "running", "conf": {}, "start_date": "", "end_date": ""}
        if request.path.endswith("/list"):
            return HTTPStatus.OK, {"task_instances": [TASK]}
        if (request.method, request.path) == ("GET", "/dags/workload/dagRuns"):
            return HTTPStatus.OK, {"dag_runs": [run]}
        if request.path == "/dags/workload":
            return HTTPStatus.OK, {"description": "as defined"}
        return HTTPStatus.OK, run


@pytest.fixture(scope="module")
def environment(aws: str) -> str:
    make_mwaa(NAME)
    return NAME


@pytest.fixture
def airflow(environment: str) -> Iterator[Api]:
    made = Api()
    with connected(environment, made):
        yield made


@pytest.fixture
def runs(airflow: Api) -> MwaaWorkloadRuns:
    submit = {"kind": "mwaa", "environment": NAME, "region": REGION, "workload": "workload"}
    return MwaaWorkloadRuns(Capability(uri="", console="", submit=submit))


@pytest.fixture(scope="module")
def job(aws: str) -> str:
    """The job of the step's second try."""
    name = f"pilot-job-train-{digest(RUN, 'train')}-2"
    sagemaker = api.client("sagemaker", REGION)
    machine = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 30}
    sagemaker.create_training_job(
        TrainingJobName=name,
        AlgorithmSpecification={"TrainingImage": "image", "TrainingInputMode": "File"},
        RoleArn=ROLE,
        OutputDataConfig={"S3OutputPath": "s3://pilot-data"},
        ResourceConfig=machine,
        StoppingCondition={"MaxRuntimeInSeconds": 60},
    )
    return name


def test_a_run_is_started_with_what_was_asked_for(airflow: Api, runs: MwaaWorkloadRuns) -> None:
    request = RunRequest(token=RUN, package="0123456789ab", parameters={"region": "us"})
    assert runs.start(request, "as defined") == RUN
    started = airflow.asked[-1]
    assert (started.method, started.path) == ("POST", "/dags/workload/dagRuns")
    assert started.body["conf"]["region"] == "us"
    assert started.body["conf"]["pilothouse"]["package"] == "0123456789ab"


def test_a_step_is_shown_by_paths_that_mwaa_takes(airflow: Api, runs: MwaaWorkloadRuns) -> None:
    (step,) = runs.look("scheduled__2026-11-28T06:00:00+00:00").steps
    assert (step.name, step.tries, step.is_over) == ("train", 2, False)
    assert max(len(request.path) for request in airflow.asked) <= LONGEST_PATH


def test_a_query_is_no_part_of_the_path(airflow: Api, runs: MwaaWorkloadRuns) -> None:
    (run,) = runs.recent(20)
    assert run.name == RUN
    assert airflow.asked[-1].path == "/dags/workload/dagRuns"
    assert airflow.asked[-1].query == {"limit": "20", "order_by": "-run_after"}


def test_the_log_of_a_step_is_that_of_the_job_of_its_last_try(
    runs: MwaaWorkloadRuns, job: str
) -> None:
    logs, group = api.client("logs", REGION), "/aws/sagemaker/TrainingJobs"
    logs.create_log_group(logGroupName=group)
    for name, text in ((job, "mine"), ("pilot-job-other", "another's")):
        stream = f"{name}/algo-1"
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        said = [BEGINS, text, f"{ENDS}: exit code 0"]
        events = [
            {"timestamp": int(time.time() * 1000) + n, "message": m} for n, m in enumerate(said)
        ]
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
    (step,) = runs.look(RUN).steps
    assert runs.log(RUN, step) == ["mine", f"{ENDS}: exit code 0"]


def test_a_cancelled_run_stops_the_jobs_of_its_tasks(
    airflow: Api, runs: MwaaWorkloadRuns, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[dict[str, str]] = []
    client = api.client("sagemaker", REGION)
    monkeypatch.setattr(client, "stop_training_job", lambda **job: stopped.append(job))
    runs.cancel(RUN)
    assert airflow.asked[-1].body == {"state": "failed"}
    assert stopped == [{"TrainingJobName": job}]
