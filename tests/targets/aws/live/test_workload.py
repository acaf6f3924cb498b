"""The team's package on AWS: the same lines as elsewhere, each step a job of SageMaker's.

Where a job's container would be, its own program runs with its own files and variables.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator

import pytest
from testkit.fake_aws import pipelines
from testkit.fake_aws.jobs import Machines
from testkit.support.accounts import REGION, set_target
from testkit.support.stacks import MINIMAL, REPOSITORY
from testkit.support.waiting import eventually

from pilothouse.targets.aws.resources.logs import SHARED_GROUPS
from tests.e2e.workload.services import mlflow_server
from tests.targets.aws.live.machines import executor
from tests.targets.aws.stage import AccountStack, Stage, stage

pytestmark = [pytest.mark.live, pytest.mark.timeout(900)]

SECRET = "warehouse-url-of-a-test"
WORKLOAD = """
orchestration: {engine: managed}
workload:
  package: team
  parameters: {region: eu, seconds: 0}
  secrets: [WAREHOUSE_URL]
  schedule: "0 6 * * mon-fri"
  steps:
    - {name: train, command: [churn, train], needs: [features], retries: 1, timeout: 2m}
    - name: features
      command: [churn, features, --region, $(PARAM_REGION)]
      resources: {cpu: 3, memory: 10Gi}
    - {name: slow, command: [churn, slow], timeout: 8s}
"""


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stack with SageMaker Pipelines, whose jobs reach a real MLflow."""
    with (
        stage(tmp_path_factory.mktemp("control")) as made,
        mlflow_server(tmp_path_factory.mktemp("mlflow"), "--no-serve-artifacts") as url,
    ):
        project = made.stack.project
        shutil.copytree(REPOSITORY / "tests" / "e2e" / "team_package", project / "team")
        (project / "platform.yaml").write_text(MINIMAL + WORKLOAD)
        set_target(project, workload={"secret": "warehouse"})
        made.cloud.client("secretsmanager").create_secret(
            Name="warehouse", SecretString=json.dumps({"WAREHOUSE_URL": SECRET})
        )
        variables = {"SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT": url}
        folder = tmp_path_factory.mktemp("machines")
        with pipelines.executed_by(executor(Machines(folder, made.cloud.url, REGION, variables))):
            yield made


@pytest.fixture(scope="module")
def team(staged: Stage) -> Iterator[AccountStack]:
    """The stack, which is up; its teardown leaves nothing of it in the account."""
    assert staged.stack.json("up")["package"]["name"] == "team-churn"
    yield staged.stack
    staged.stack.run("down", "--yes")
    assert set(staged.stack.traces()) <= {f"log group {group}" for group in SHARED_GROUPS}


@pytest.fixture(scope="module")
def run(team: AccountStack) -> tuple[str, str]:
    """A run of all steps that has succeeded: its name, and what was said while it ran."""
    said = team.run("run", "--follow", "--param", "region=us")
    return re.search(r"run (\w+) has started", said)[1], said  # type: ignore[index]


def test_steps_run_in_their_order_with_parameters_secrets_and_inputs(
    run: tuple[str, str],
) -> None:
    _, said = run
    assert "features | features 1 of us, ['--region', 'us']" in said
    assert f"features | a secret of {len(SECRET)} characters" in said
    assert "train | trained on 3 rows of us" in said
    assert SECRET not in said
    assert said.index("features: Succeeded") < said.index("train: Succeeded")


def test_the_newest_run_is_listed_first(team: AccountStack, run: tuple[str, str]) -> None:
    listed = [each["name"] for each in team.json("runs")["runs"]]
    assert run[0] in listed
    team.run("run", "--follow", "--step", "features")
    assert team.json("runs")["runs"][1]["name"] == listed[0]
    assert len(team.json("runs", "--limit", "1")["runs"]) == 1


def test_a_step_that_fails_is_tried_again_in_its_job(
    team: AccountStack, run: tuple[str, str]
) -> None:
    said = team.run("logs", "--run", run[0], "--step", "train")
    assert said.index("the first try fails") < said.index("try 2 of 2")
    assert said.rstrip().endswith("train | pilothouse: step ends: exit code 0")


def test_the_secret_is_in_no_log_no_request_and_no_state(
    team: AccountStack, run: tuple[str, str], staged: Stage
) -> None:
    assert SECRET not in team.run("logs", "--run", run[0])
    sagemaker = staged.cloud.client("sagemaker")
    (name,) = [
        each["PipelineName"]
        for each in sagemaker.list_pipelines()["PipelineSummaries"]
        if "-steps-" in each["PipelineName"]
    ]
    assert SECRET not in sagemaker.describe_pipeline(PipelineName=name)["PipelineDefinition"]
    states = [path for path in team.project.rglob("*.json") if path.is_file()]
    assert not [path for path in states if SECRET.encode() in path.read_bytes()]


def test_changed_code_runs_without_an_up_and_a_step_finds_the_inputs_of_another_run(
    team: AccountStack, run: tuple[str, str]
) -> None:
    code = team.project / "team" / "churn" / "__init__.py"
    code.write_text(code.read_text().replace("trained on", "changed: trained on"))
    said = team.run("run", "--follow", "--step", "train", "--inputs", run[0])
    assert "features:" not in said
    assert "train | changed: trained on 3 rows of us" in said


def test_a_step_that_takes_too_long_fails(team: AccountStack) -> None:
    said = team.run("run", "--follow", "--step", "slow", "--param", "seconds=300", expect=1)
    assert "slow | slow begins" in said
    assert "slow | pilothouse: churn has not ended within 8 s" in said
    assert "Failed: slow failed" in said


def test_a_run_that_another_caller_begins_uses_what_was_delivered_last(
    team: AccountStack, run: tuple[str, str], staged: Stage
) -> None:
    pipeline = team.json("status")["orchestration"]["submit"]["workload"]
    begun = staged.cloud.client("sagemaker").start_pipeline_execution(
        PipelineName=pipeline,
        PipelineParameters=[{"Name": "region", "Value": "no"}],
        ClientRequestToken="x" * 32,
    )
    name = begun["PipelineExecutionArn"].rpartition("/")[2]
    eventually(
        lambda: "features 1 of no" in team.run("logs", "--run", name, "--step", "features"),
        seconds=60,
    )


def test_the_schedule_starts_the_pipeline_that_a_run_starts(
    team: AccountStack, run: tuple[str, str], staged: Stage
) -> None:
    scheduler, sagemaker = staged.cloud.client("scheduler"), staged.cloud.client("sagemaker")
    schedules = scheduler.list_schedules()["Schedules"]
    (found,) = (each for each in schedules if "expiry" not in each["GroupName"])
    kept = scheduler.get_schedule(GroupName=found["GroupName"], Name=found["Name"])
    assert kept["ScheduleExpression"] == "cron(0 6 ? * MON-FRI *)"
    begun = sagemaker.list_pipeline_executions(
        PipelineName=kept["Target"]["Arn"].rpartition("/")[2]
    )
    arns = [each["PipelineExecutionArn"] for each in begun["PipelineExecutionSummaries"]]
    assert f"{kept['Target']['Arn']}/execution/{run[0]}" in arns


def test_wrong_input_is_refused_before_anything_changes(team: AccountStack) -> None:
    file = team.project / "platform.yaml"
    text = file.read_text()
    try:
        file.write_text(text.replace("[churn, slow]", "[chrun, slow]"))
        assert f"run `pilothouse up {team.name}` first" in team.run("run", expect=2)
        assert "no program 'chrun'" in team.run("up", expect=2)
        file.write_text(text.replace("memory: 10Gi", "memory: 500Gi"))
        assert "ask for at most 96 cores, 384Gi" in team.run("preview", expect=2)
        file.write_text(text.replace("WAREHOUSE_URL", "LAKE_URL"))
        refused = team.run("up", expect=2)
        assert "no value of LAKE_URL" in refused
        assert "AWS Secrets Manager" in refused
        file.write_text(text.replace("0 6 * * mon-fri", "0 6 1 * mon-fri"))
        refused = team.run("preview", expect=2)
        assert "workload.schedule: found days of the month and days of the week" in refused
    finally:
        file.write_text(text)


def test_a_run_that_is_not_there_is_named(team: AccountStack) -> None:
    assert "no run 'none-such'" in team.run("logs", "--run", "none-such", expect=2)
