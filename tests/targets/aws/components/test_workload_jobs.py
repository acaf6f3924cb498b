"""The workload's steps as SageMaker takes them: in a pipeline's definition, and for MWAA's DAG."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from pilothouse_workload import steps as workload_steps

from pilothouse.targets.aws.components import mwaa_files
from pilothouse.targets.aws.components.pipeline_definition import definition
from pilothouse.targets.aws.components.sagemaker_jobs import Workload
from pilothouse.targets.aws.components.workload_jobs import STEPS, request
from pilothouse.targets.aws.settings import requirements
from pilothouse.targets.aws.settings.team_files import TeamFiles
from tests.targets.aws.components.request_model import problems

KEY = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d-0000-1111-2222-333344445555"
ENVIRONMENT = {
    "DATA_URI": "s3://team-pilot-data-1a2b3c",
    "AWS_REGION": "eu-west-1",
    "MLFLOW_TRACKING_URI": "arn:aws:sagemaker:eu-west-1:123456789012:mlflow-app/app-ABC",
    "MODEL_NAME": "team-pilot-model-1a2b3c",
}
WORKLOAD = Workload(
    image="123456789012.dkr.ecr.eu-west-1.amazonaws.com/team-pilot-workload-1a2b3c:0.1.0",
    role_arn="arn:aws:iam::123456789012:role/team-pilot-job-role-1a2b3c",
    instance_type="ml.m5.large",
    environment=ENVIRONMENT,
    subnets=["subnet-0a", "subnet-0b"],
    security_groups=["sg-0a"],
    kms_key=KEY,
    tags={"pilothouse-owner": "team_example.com", "pilothouse-stack": "aws"},
)
TOKEN = "verify-20260729-101112-0a1b2c3d"


def made() -> dict[str, Any]:
    return definition(WORKLOAD)


def wrong(kind: str, job: dict[str, Any]) -> list[str]:
    """What SageMaker would not take of a named job."""
    return problems("sagemaker", f"Create{kind}Job", {f"{kind}JobName": "job", **job})


def test_the_steps_run_one_after_the_other() -> None:
    steps = made()["Steps"]
    assert [step["Name"] for step in steps] == [*STEPS] == [*workload_steps.STEPS]
    assert [step["DependsOn"] for step in steps] == [[], ["prepare"], ["train"], ["register"]]
    assert [step["Type"] for step in steps].count("Training") == 1


def test_a_pipelines_definition_is_json_of_the_schema_that_sagemaker_knows() -> None:
    found = json.loads(json.dumps(made()))
    assert found == made()
    assert set(found) == {"Version", "Parameters", "Steps"}
    assert (found["Version"], found["Parameters"]) == (
        "2020-12-01",
        [{"Name": "RunToken", "Type": "String"}],
    )


@pytest.mark.parametrize("step", STEPS)
def test_each_step_is_a_request_that_sagemaker_takes(step: str) -> None:
    (found,) = [one for one in made()["Steps"] if one["Name"] == step]
    arguments = deepcopy(found["Arguments"])
    assert arguments["Environment"].pop("RUN_TOKEN") == {"Get": "Parameters.RunToken"}
    assert not any(name.endswith("JobName") for name in arguments)  # the pipeline names its jobs
    assert wrong(found["Type"], arguments) == []


@pytest.mark.parametrize("step", STEPS)
def test_a_wrong_request_would_be_seen(step: str) -> None:
    kind = STEPS[step]
    for change in (
        {"RoleArn": "job-role"},
        {"Unheard": 1},
        {"StoppingCondition": {"MaxRuntimeInSeconds": 0}},
        {"Environment": {"a-b": "c"}},
    ):
        assert wrong(kind, {**request(WORKLOAD, step, TOKEN), **change})
    odd = replace(WORKLOAD, instance_type="m5.large" if kind == "Processing" else "ml.none")
    assert wrong(kind, request(odd, step, TOKEN))


@pytest.mark.parametrize("step", STEPS)
def test_a_job_runs_its_step_in_the_networks_bounds_and_bears_the_marks(step: str) -> None:
    job = request(WORKLOAD, step, TOKEN)
    assert job["Environment"] == {**ENVIRONMENT, "RUN_TOKEN": TOKEN}
    container = job.get("AppSpecification") or job["AlgorithmSpecification"]
    assert container["ContainerEntrypoint"] == ["pilothouse-workload"]
    assert container["ContainerArguments"] == [step]
    network = (job.get("NetworkConfig") or job)["VpcConfig"]
    assert network == {"Subnets": ["subnet-0a", "subnet-0b"], "SecurityGroupIds": ["sg-0a"]}
    assert {tag["Key"]: tag["Value"] for tag in job["Tags"]} == dict(WORKLOAD.tags)


@pytest.mark.parametrize(
    ("instance", "has_key"),
    [
        ("ml.m5.large", True), ("ml.c6i.xlarge", True), ("ml.t3.medium", True),
        ("ml.p3.2xlarge", True), ("ml.m5d.large", False), ("ml.r5d.4xlarge", False),
        ("ml.g4dn.xlarge", False), ("ml.g5.xlarge", False), ("ml.g6e.xlarge", False),
        ("ml.p4d.24xlarge", False), ("ml.p5.48xlarge", False), ("ml.trn1.2xlarge", False),
    ],
)  # fmt: skip
def test_only_a_disk_that_takes_a_key_gets_one(instance: str, has_key: bool) -> None:
    job = request(replace(WORKLOAD, instance_type=instance), "train", TOKEN)
    assert ("VolumeKmsKeyId" in job["ResourceConfig"]) == has_key
    assert job["OutputDataConfig"]["KmsKeyId"] == KEY


def test_without_a_key_aws_uses_its_own() -> None:
    for step in STEPS:
        assert "Kms" not in json.dumps(request(replace(WORKLOAD, kms_key=""), step, TOKEN))


def files(
    prefix: str = "team-pilot-job-1a2b3c", given: TeamFiles = mwaa_files.NO_FILES
) -> dict[str, str]:
    version = "3.0.6"
    return dict(
        mwaa_files.files(
            airflow_version=version, job_prefix=prefix, workload=WORKLOAD, team_files=given
        )
    )


def test_mwaa_gets_the_dag_with_its_jobs_beside_it() -> None:
    assert set(files()) == {
        "dags/pilothouse_workload.py",
        "dags/pilothouse_workload.json",
        "dags/constraints.txt",
        "requirements.txt",
    }
    jobs = json.loads(files()["dags/pilothouse_workload.json"])
    assert [job["step"] for job in jobs] == list(STEPS)


def test_requirements_are_held_to_airflows_version_by_a_file_that_is_there() -> None:
    first, *rest = files()["requirements.txt"].splitlines()
    assert first == '--constraint "/usr/local/airflow/dags/constraints.txt"'
    assert rest == ["apache-airflow-providers-amazon"]
    assert files()["dags/constraints.txt"] == "apache-airflow==3.0.6\n"


def test_a_team_s_requirements_are_held_to_its_constraints_and_to_airflow() -> None:
    needs = requirements.read("requirements.txt", "pandas\n")
    held = requirements.read("constraints.txt", "pandas==2.2.3\n")
    made = files(given=TeamFiles(requirements=needs, constraints=held))
    assert made["requirements.txt"] == f"{mwaa_files.CONSTRAINED}pandas\n"
    assert made["dags/constraints.txt"] == "pandas==2.2.3\napache-airflow==3.0.6\n"


def test_requirements_without_constraints_go_as_they_are() -> None:
    """MWAA holds them to Airflow's own constraints where they name none."""
    needs = requirements.read("requirements.txt", "pandas\n")
    assert files(given=TeamFiles(requirements=needs))["requirements.txt"] == "pandas\n"


def test_a_startup_script_is_a_file_of_the_bucket() -> None:
    made = files(given=TeamFiles(startup_script="echo up\n"))
    assert made["startup.sh"] == "echo up\n"


def test_a_prefix_with_no_room_for_step_and_token_is_refused() -> None:
    assert files("p" * mwaa_files.PREFIX_LIMIT)
    with pytest.raises(ValueError, match="longer than 37 characters"):
        files("p" * (mwaa_files.PREFIX_LIMIT + 1))
