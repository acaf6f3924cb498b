"""MWAA's DAG of the team's steps in a real Airflow: its operators' jobs run the steps' program."""

from __future__ import annotations

import io
import json
import platform
import sys
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from testkit.fake_aws.jobs import Machines, carried_out_by
from testkit.support.aws import REGION
from testkit.support.aws_resources import make_bucket

from pilothouse.config.workload import Workload
from pilothouse.targets.aws.clients import api
from pilothouse.targets.aws.components import team_dag, team_jobs
from tests.targets.aws.clients.test_live_dag import make_airflow, run_dag
from tests.targets.aws.components.test_team_jobs import team_plan
from tests.targets.aws.components.test_workload_jobs import WORKLOAD

pytestmark = pytest.mark.live

BUCKET, PACKAGE = "steps-data", "0123456789ab"
TEAM: dict[str, Any] = {
    "package": ".",
    "python": "3.11",
    "parameters": {"region": "eu", "epochs": 3},
    "steps": [
        {"name": "features", "command": ["say", "$(PARAM_REGION)", "$(PARAM_EPOCHS)"]},
        {"name": "train", "command": ["read"], "needs": ["features"], "resources": {"gpus": 1}},
    ],
}
PROGRAMS = {
    "say": '#!/bin/sh\necho "features of $1 in $2"\necho "$1" > "$OUTPUTS/region"\n',
    "read": '#!/bin/sh\necho "trained on $(cat $INPUTS/features/region)"\n',
}


@pytest.fixture(scope="module")
def store(aws: str) -> str:
    """The bucket with the steps' files and a delivered package."""
    make_bucket(BUCKET)
    files = {
        **{f"workload/{name}": text.encode() for name, text in _step_files().items()},
        "packages/current.json": json.dumps({"package": PACKAGE}).encode(),
        f"packages/{PACKAGE}.tar.gz": _archive(),
    }
    for key, content in files.items():
        api.client("s3", REGION).put_object(Bucket=BUCKET, Key=key, Body=content)
    return aws


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An Airflow with the DAG of the team's steps."""
    workload = Workload.model_validate(TEAM)
    environment = {"DATA_URI": f"s3://{BUCKET}", "AWS_DEFAULT_REGION": REGION}
    where = replace(WORKLOAD, environment=environment)
    files = team_dag.files(team_plan("airflow", TEAM), workload, where)
    return make_airflow(tmp_path_factory.mktemp("airflow"), files)


@pytest.fixture
def machines(store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """Where the jobs that the operators ask for are carried out."""
    made = Machines(tmp_path_factory.mktemp("machines"), store, REGION)
    with carried_out_by(made):
        yield made


def _step_files() -> Mapping[str, str]:
    return team_jobs.step_files(Workload.model_validate(TEAM))


def _archive() -> bytes:
    """A package with two programs."""
    about = {
        "name": "churn",
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "machine": platform.machine(),
    }
    files = {f"site-packages/bin/{name}": text for name, text in PROGRAMS.items()}
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, text in {**files, "package.json": json.dumps(about)}.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(text), 0o755
            archive.addfile(member, io.BytesIO(text.encode()))
    return made.getvalue()


def job_logs(kind: str) -> dict[str, list[str]]:
    """What each job of a kind said, by the job's name."""
    logs, group = api.client("logs", REGION), f"/aws/sagemaker/{kind}Jobs"
    if not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
        return {}
    return {
        stream["logStreamName"].partition("/")[0]: [
            event["message"]
            for event in logs.get_log_events(
                logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
            )["events"]
        ]
        for stream in logs.describe_log_streams(logGroupName=group)["logStreams"]
    }


def test_the_steps_run_as_jobs_with_parameters_and_hand_files_on(
    airflow: dict[str, str], store: str, machines: Machines
) -> None:
    said = run_dag(airflow, store, "workload", {"region": "us"})
    assert "ended as success" in said, said
    (features,) = _said(machines, "Processing")
    assert "features of us in 3" in features
    (train,) = _said(machines, "Training")
    assert "trained on us" in train
    names = [folder.name for folder in machines.folder.iterdir()]
    assert all(name.endswith("-1") for name in names)


def _said(machines: Machines, kind: str) -> list[list[str]]:
    """What each job of a kind said that was carried out there."""
    own = {folder.name for folder in machines.folder.iterdir()}
    return [said for name, said in job_logs(kind).items() if name in own]


def test_a_step_that_was_not_asked_for_makes_no_job(
    airflow: dict[str, str], store: str, machines: Machines
) -> None:
    conf = {"pilothouse": {"token": "run-2026", "steps": ["features"]}, "region": "no"}
    said = run_dag(airflow, store, "workload", conf)
    assert "ended as success" in said, said
    assert [folder.name.split("-")[-3] for folder in machines.folder.iterdir()] == ["features"]
