"""The team's steps as SageMaker takes them: in a pipeline's definition, and for MWAA's DAG."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from pilothouse.config.workload import Workload
from pilothouse.plan import Plan
from pilothouse.targets.aws import naming
from pilothouse.targets.aws.components import team_dag, team_jobs, team_pipeline
from pilothouse.targets.aws.settings.steps import Kind
from tests.targets.aws.components.request_model import problems
from tests.targets.aws.components.test_workload_jobs import WORKLOAD
from tests.targets.aws.plans import Engine, plan_of

KINDS: Mapping[str, Kind] = {"features": "Processing", "train": "Training"}
TEAM: dict[str, Any] = {
    "package": ".",
    "parameters": {"region": "eu", "epochs": 3, "rate": 0.5, "deep": False},
    "secrets": ["WAREHOUSE_URL"],
    "steps": [
        {
            "name": "train",
            "command": ["churn", "train"],
            "needs": ["features"],
            "resources": {"gpus": 1, "memory": "20Gi"},
            "retries": 2,
            "timeout": "10m",
        },
        {"name": "features", "command": ["churn", "features"]},
    ],
}


def team_plan(engine: Engine, team: Mapping[str, Any] = TEAM, **settings: Any) -> Plan[Any]:
    """The plan of a platform with the team's workload."""
    return plan_of("aws", engine=engine, team=team, **settings)


def pipeline(**settings: Any) -> dict[str, Any]:
    plan = team_plan("managed", **settings)
    assert plan.platform.workload
    return team_pipeline.definition(plan, plan.platform.workload, WORKLOAD)


def mwaa_jobs(**settings: Any) -> dict[str, Any]:
    plan = team_plan("airflow", **settings)
    assert plan.platform.workload
    files = team_dag.files(plan, plan.platform.workload, WORKLOAD)
    document: dict[str, Any] = json.loads(files["dags/pilothouse_steps.json"])
    return document


def arguments(name: str, **settings: Any) -> dict[str, Any]:
    """The request for a step in the pipeline, with values in place of expressions."""
    (step,) = [step for step in pipeline(**settings)["Steps"] if step["Name"] == name]
    made: dict[str, Any] = step["Arguments"]
    return {**made, "Environment": dict.fromkeys(made["Environment"], "value")}


@pytest.mark.parametrize("step", KINDS)
def test_each_step_is_a_request_that_sagemaker_takes(step: str) -> None:
    named = {f"{KINDS[step]}JobName": "job"}
    assert problems("sagemaker", f"Create{KINDS[step]}Job", {**named, **arguments(step)}) == []
    assert problems("sagemaker", f"Create{KINDS[step]}Job", arguments(step))


def test_a_pipeline_has_the_workloads_steps_and_its_parameters_with_their_types() -> None:
    found = pipeline()
    assert found["Parameters"] == [
        {"Name": "Package", "Type": "String", "DefaultValue": "current"},
        {"Name": "Inputs", "Type": "String", "DefaultValue": "own"},
        {"Name": "region", "Type": "String", "DefaultValue": "eu"},
        {"Name": "epochs", "Type": "Integer", "DefaultValue": 3},
        {"Name": "rate", "Type": "Float", "DefaultValue": 0.5},
        {"Name": "deep", "Type": "Boolean", "DefaultValue": False},
    ]
    assert [(s["Name"], s["Type"], s["DependsOn"]) for s in found["Steps"]] == [
        ("features", "Processing", []),
        ("train", "Training", ["features"]),
    ]


def test_a_job_knows_its_run_by_the_executions_id_and_every_parameter_as_text() -> None:
    (step,) = [step for step in pipeline()["Steps"] if step["Name"] == "train"]
    environment = step["Arguments"]["Environment"]
    assert environment.items() >= WORKLOAD.environment.items()
    assert environment["RUN_ID"] == {"Get": "Execution.PipelineExecutionId"}
    assert environment["PARAM_REGION"] == {"Get": "Parameters.region"}
    joined = {"On": "", "Values": [{"Get": "Parameters.epochs"}]}
    assert environment["PARAM_EPOCHS"] == {"Std:Join": joined}


def test_a_job_gets_its_files_and_tries_as_often_as_the_step_says() -> None:
    training, processing = arguments("train"), arguments("features")
    source = training["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"]
    assert source == processing["ProcessingInputs"][0]["S3Input"]["S3Uri"]
    assert source == f"{WORKLOAD.environment['DATA_URI']}/workload/"
    container = training["AlgorithmSpecification"]
    folder = "/opt/ml/input/data/step"
    assert container["ContainerEntrypoint"] == ["python", f"{folder}/run_step.py"]
    assert container["ContainerArguments"] == ["--tries", "3", f"{folder}/workload.json", "train"]
    assert training["StoppingCondition"]["MaxRuntimeInSeconds"] == 3 * 600 + 900


def test_the_files_of_a_job_are_the_program_and_the_definition() -> None:
    workload = Workload.model_validate(TEAM)
    files = team_jobs.step_files(workload)
    assert "def main" in files["run_step.py"]
    assert json.loads(files["workload.json"])["steps"]["train"]["needs"] == ["features"]


def test_a_step_gets_the_machine_that_it_asks_for_and_else_the_jobs_usual_one() -> None:
    assert arguments("train")["ResourceConfig"]["InstanceType"] == "ml.g5.2xlarge"
    usual = {"compute": {"instanceType": "ml.c6i.xlarge"}}
    machine = arguments("features", **usual)["ProcessingResources"]["ClusterConfig"]
    assert machine["InstanceType"] == "ml.c6i.xlarge"
    assert arguments("train", **usual)["ResourceConfig"]["InstanceType"] == "ml.g5.2xlarge"


def test_the_secret_is_named_to_a_job_and_an_image_of_the_teams_own_is_used() -> None:
    image = "210987654321.dkr.ecr.us-east-1.amazonaws.com/team/churn:2"
    app = arguments("features", workload={"secret": "warehouse", "image": image})[
        "AppSpecification"
    ]
    assert app["ImageUri"] == image
    assert app["ContainerArguments"][:2] == ["--secret", "warehouse"]


def test_the_names_of_mwaas_jobs_have_room_for_what_tells_the_run() -> None:
    long = {**TEAM, "steps": [{"name": "a" * 40, "command": ["churn"]}]}
    plan = team_plan("airflow", long)
    longest = len(naming.step_job_prefix(plan, "a" * 40)) + len("-0123456789abcdef-11")
    assert longest <= 63


@pytest.mark.parametrize("step", KINDS)
def test_airflow_fills_a_job_from_the_run_and_tries_it_again_itself(step: str) -> None:
    found = mwaa_jobs()["steps"][step]
    assert (found["kind"], found["retries"]) == (KINDS[step], 2 if step == "train" else 0)
    container = found["config"].get("AppSpecification") or found["config"]["AlgorithmSpecification"]
    assert container["ContainerArguments"][:2] == ["--tries", "1"]
    assert found["config"]["Environment"]["RUN_ID"] == "{{ run_id }}"
    assert found["config"]["Environment"]["PARAM_REGION"] == "{{ params['region'] }}"
