"""`verify` of a platform on AWS: the real workload in place of each job, a real MLflow."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from testkit.fake_aws.mwaa.airflow import Airflow, connected
from testkit.fake_aws.pipelines import executed_by
from testkit.support.aws import REGION
from testkit.support.aws_resources import ROLE, make_bucket, make_mwaa, make_pipeline
from testkit.support.signed_front import Expected, Front, signed_front

from pilothouse.contract import Capability, Contract, Probe
from pilothouse.lifecycle.proof.verify import NotProved, verify
from pilothouse.services.workflows import RunTimeouts
from pilothouse.targets.aws import naming
from pilothouse.targets.aws.clients import api, mwaa_runs
from pilothouse.targets.aws.clients.pipeline_runs import PipelineRuns
from pilothouse.targets.aws.clients.target import AwsClients
from pilothouse.targets.aws.components import mwaa_files
from pilothouse.targets.aws.components.sagemaker_jobs import Workload
from tests.e2e.workload.services import REPOSITORY, SOURCE, environment, mlflow_server

pytestmark = pytest.mark.live

LOCKS = REPOSITORY / "src" / "pilothouse" / "targets" / "aws" / "assets" / "requirements"
BUCKET, AIRFLOW, PIPELINE = "pilot-data", "pilot-airflow", "pilot-pipeline"


@pytest.fixture(scope="module")
def variables(aws: str) -> dict[str, str]:
    """The contract's variables for an account with a bucket and an MLflow app in it."""
    make_bucket(BUCKET)
    sagemaker = api.client("sagemaker", REGION)
    app = sagemaker.create_mlflow_app(
        Name="pilot-mlflow", ArtifactStoreUri=f"s3://{BUCKET}/mlflow", RoleArn=ROLE
    )["Arn"]
    sagemaker.describe_mlflow_app(Arn=app)  # it is being created at the first look
    return {
        "DATA_URI": f"s3://{BUCKET}", "AWS_REGION": REGION, "MODEL_NAME": "pilot",
        "MLFLOW_TRACKING_URI": app,
    }  # fmt: skip


@pytest.fixture(scope="module")
def front(variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """The way to a real MLflow, for signed requests only."""
    root = ("--default-artifact-root", f"s3://{BUCKET}/mlflow", "--no-serve-artifacts")
    arn = variables["MLFLOW_TRACKING_URI"]
    expected = Expected({"key": "secret"}, f"{REGION}/sagemaker", "x-sm-mlflow-app-arn", arn)
    with (
        mlflow_server(tmp_path_factory.mktemp("mlflow"), *root) as url,
        signed_front(url, expected) as made,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT", made.url)
        yield made


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs here wait for no machine."""
    timeouts = RunTimeouts(limit=200, poll=0.5, ready=10)
    monkeypatch.setattr(mwaa_runs, "TIMEOUTS", timeouts)
    monkeypatch.setattr(PipelineRuns, "timeouts", timeouts)


def contract(variables: Mapping[str, str], submit: Mapping[str, str], probe: Probe) -> Contract:
    """The contract of a stack on AWS, of which no variable is secret."""

    def some(*names: str) -> dict[str, str]:
        return {name: variables[name] for name in names}

    bucket = Probe(service="bucket", kind="s3", address=f"s3://{REGION}/{BUCKET}")
    arn = variables["MLFLOW_TRACKING_URI"]
    mlflow = Probe(service="mlflow", kind="sagemaker-mlflow", address=arn)
    return Contract(
        storage=Capability(
            uri=f"s3://{BUCKET}", console="", environment=some("DATA_URI", "AWS_REGION"),
            probes=[bucket],
        ),
        compute=Capability(uri="", console="", environment=some("MODEL_NAME")),
        tracking=Capability(
            uri=arn, console="", environment=some("MLFLOW_TRACKING_URI"), probes=[mlflow]
        ),
        orchestration=Capability(uri="", console="", submit=submit, probes=[probe]),
    )  # fmt: skip


def carry_out(home: Path, front: Front, address: str, request: Mapping[str, Any]) -> None:
    """Run a job's container: the program and the variables that its request names."""
    container = request.get("AppSpecification") or request["AlgorithmSpecification"]
    (program,) = container["ContainerEntrypoint"]
    # What SageMaker gives a job besides: credentials of its role. Other addresses are the test's.
    given = {
        "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "HOME": str(home),
        "TMPDIR": str(home), "AWS_ENDPOINT_URL": address,
        "SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT": front.url,
    }  # fmt: skip
    folder = environment("workload", SOURCE, LOCKS) / "bin"
    done = subprocess.run(
        [folder / program, *container["ContainerArguments"]], env=given | request["Environment"],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise ValueError(done.stderr)


def mwaa_running(
    variables: Mapping[str, str], run: partial[None], broken: str = ""
) -> AbstractContextManager[None]:
    """An Airflow behind MWAA that has the DAG's jobs carried out."""
    workload = Workload(
        image="workload:0.1.0", role_arn=ROLE, instance_type="ml.m5.large",
        environment=variables, subnets=["subnet-1"], security_groups=["sg-1"],
    )  # fmt: skip
    files = mwaa_files.files(airflow_version="3.0.6", job_prefix="pilot-job", workload=workload)
    jobs = json.loads(files["dags/pilothouse_workload.json"])

    def task(job: Mapping[str, Any], conf: Mapping[str, Any]) -> None:
        if job["step"] == broken:
            raise ValueError("no machine")
        text = json.dumps(job["config"]).replace(mwaa_files.WHOLE_RUN, conf["run_token"])
        run(json.loads(text))

    tasks = {job["step"]: partial(task, job) for job in jobs}
    return connected(AIRFLOW, Airflow({naming.DAG_ID: tasks}))


@pytest.fixture(scope="module")
def on_mwaa(variables: dict[str, str]) -> Contract:
    probe = Probe(service="airflow", kind="mwaa", address=make_mwaa(AIRFLOW))
    way = {"environment": AIRFLOW, "dag": naming.DAG_ID, "region": REGION}
    return contract(variables, {"kind": "mwaa", **way}, probe)


def test_mwaa_has_it_proved(
    on_mwaa: Contract, variables: dict[str, str], front: Front, aws: str, tmp_path: Path
) -> None:
    told: list[str] = []
    with mwaa_running(variables, partial(carry_out, tmp_path, front, aws)):
        proof = verify(on_mwaa, AwsClients(), told.append)
    assert [one.place for one in proof.evidence] == [
        "bucket", "orchestrator", "tracking", "registry",
    ]  # fmt: skip
    assert proof.result["run_token"] == proof.token
    assert told[-1] == "prepare success, train success, register success, predict success"
    assert front.refused == []


def test_a_job_that_mwaa_could_not_have_run_is_named(
    on_mwaa: Contract, variables: dict[str, str], front: Front, aws: str, tmp_path: Path
) -> None:
    with (
        mwaa_running(variables, partial(carry_out, tmp_path, front, aws), broken="prepare"),
        pytest.raises(NotProved, match="ended as failed: prepare"),
    ):
        verify(on_mwaa, AwsClients(), lambda _: None)


def test_a_sagemaker_pipeline_has_it_proved(
    variables: dict[str, str], front: Front, aws: str, tmp_path: Path
) -> None:
    arn = make_pipeline(PIPELINE, variables)
    probe = Probe(service="pipeline", kind="sagemaker-pipeline", address=arn)
    way = {"kind": "sagemaker-pipeline", "pipeline": PIPELINE, "region": REGION}

    def step(wanted: Mapping[str, Any], parameters: Mapping[str, str]) -> None:
        token = json.dumps({"Get": "Parameters.RunToken"})
        text = json.dumps(wanted["Arguments"]).replace(token, json.dumps(parameters["RunToken"]))
        carry_out(tmp_path, front, aws, json.loads(text))

    with executed_by(step):
        proof = verify(contract(variables, way, probe), AwsClients(), lambda _: None)
    assert proof.evidence[1].found.startswith(f"{PIPELINE}/")
    assert proof.result["run_token"] == proof.token


def test_an_environment_that_is_gone_is_named(on_mwaa: Contract, variables: dict[str, str]) -> None:
    arn = f"arn:aws:airflow:{REGION}:123456789012:environment/gone"
    probe = Probe(service="airflow", kind="mwaa", address=arn)
    gone = contract(variables, dict(on_mwaa.orchestration.submit), probe)
    with pytest.raises(NotProved, match=r"airflow: GetEnvironment.*gone"):
        verify(gone, AwsClients(), lambda _: None)
