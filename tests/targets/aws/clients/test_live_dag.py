"""MWAA's DAG in a real Airflow with the real operators, which make SageMaker's jobs in moto."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from moto.sagemaker.models import FakeProcessingJob
from moto.sagemaker.responses import SageMakerResponse
from testkit.support.aws import REGION
from testkit.support.environments import installed

from pilothouse.targets.aws.components.workload_jobs import STEPS
from tests.targets.aws.components.request_model import problems
from tests.targets.aws.components.test_workload_jobs import TOKEN, WORKLOAD, files

pytestmark = pytest.mark.live

SCRIPT = Path(__file__).with_name("run_dag.py")


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables of an Airflow with an empty database and MWAA's files in its folder."""
    return make_airflow(tmp_path_factory.mktemp("airflow"), files())


def make_airflow(home: Path, dag_files: Mapping[str, str]) -> dict[str, str]:
    """The variables of an Airflow with an empty database, and files of MWAA's bucket in `home`."""
    for key, text in dag_files.items():
        (home / key).parent.mkdir(exist_ok=True)
        (home / key).write_text(text)
    variables = {
        "PATH": f"{installed('airflow') / 'bin'}:/usr/bin:/bin",
        "HOME": str(home),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    }
    subprocess.run(["airflow", "db", "migrate"], env=variables, check=True, capture_output=True)
    return variables


@pytest.fixture
def jobs(aws: str, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """Every job that SageMaker is asked for: its kind, and the request as it came."""
    asked: list[tuple[str, Any]] = []

    def note(kind: str, operation: str) -> None:
        real = getattr(SageMakerResponse, operation)

        def noted(self: Any) -> Any:
            asked.append((kind, json.loads(self.body)))
            return real(self)

        monkeypatch.setattr(SageMakerResponse, operation, noted)

    note("Processing", "create_processing_job")
    note("Training", "create_training_job")
    return asked


def run(airflow: dict[str, str], address: str, token: str) -> str:
    """What Airflow says of a run of the built-in workload's DAG."""
    return run_dag(airflow, address, "pilothouse_workload", {"run_token": token})


def run_dag(airflow: dict[str, str], address: str, dag: str, conf: Mapping[str, Any]) -> str:
    """What Airflow says of a run of a DAG."""
    aws = {
        "AWS_ENDPOINT_URL": address, "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret",
    }  # fmt: skip
    command = ["python", str(SCRIPT), f"{airflow['HOME']}/dags", dag, json.dumps(conf)]
    done = subprocess.run(
        command, env=airflow | aws, capture_output=True, text=True, timeout=200, check=False
    )
    return done.stdout + done.stderr


def test_each_task_has_sagemaker_run_its_step(
    airflow: dict[str, str], aws: str, jobs: list[tuple[str, Any]]
) -> None:
    said = run(airflow, aws, TOKEN)
    assert "ended as success" in said, said
    assert [kind for kind, _ in jobs] == list(STEPS.values())
    for step, (kind, job) in zip(STEPS, jobs, strict=True):
        assert job[f"{kind}JobName"] == f"team-pilot-job-1a2b3c-{step}-101112-0a1b2c3d"
        assert job["Environment"] == {**WORKLOAD.environment, "RUN_TOKEN": TOKEN}
        assert problems("sagemaker", f"Create{kind}Job", job) == []


def test_a_token_that_could_be_a_template_makes_no_job(
    airflow: dict[str, str], aws: str, jobs: list[tuple[str, Any]]
) -> None:
    said = run(airflow, aws, "{{ 7 * 7 }}-run-0001")
    assert "ended as" not in said
    assert "Invalid input for param run_token" in said
    assert jobs == []


def test_a_job_that_fails_ends_the_run_with_its_reason(
    airflow: dict[str, str],
    aws: str,
    jobs: list[tuple[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = FakeProcessingJob.__init__

    def failing(self: Any, *given: Any, **named: Any) -> None:
        real(self, *given, **named)
        self.processing_job_status, self.failure_reason = "Failed", "AlgorithmError: exit code 1"

    monkeypatch.setattr(FakeProcessingJob, "__init__", failing)
    said = run(airflow, aws, f"{TOKEN[:-1]}e")
    assert "ended as failed" in said
    assert "AlgorithmError: exit code 1" in said
    assert [kind for kind, _ in jobs] == ["Processing"]
