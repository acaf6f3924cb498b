"""What starts the team's pipeline by itself: a schedule, its group and a role for just that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from pilothouse.targets.aws.components import team_schedule
from tests.targets.aws.components.request_model import problems
from tests.targets.aws.graph.stacks import TEAM, inputs, made, planned, recorded, stack, statements
from tests.targets.suite.recorder import Recording

HERE = "arn:aws:scheduler:eu-west-1:123456789012"


def scheduled() -> Recording:
    return stack("schedule")


def request() -> dict[str, Any]:
    """The request that makes the schedule, as the provider writes it."""
    known = inputs(scheduled(), "Schedule schedule")
    target = known["target"]
    retries = target["retryPolicy"]
    return {
        "Name": known["name"],
        "GroupName": known["groupName"],
        "Description": known["description"],
        "ScheduleExpression": known["scheduleExpression"],
        "ScheduleExpressionTimezone": known["scheduleExpressionTimezone"],
        "FlexibleTimeWindow": {"Mode": known["flexibleTimeWindow"]["mode"]},
        "Target": {
            "Arn": target["arn"],
            "RoleArn": target["roleArn"],
            "RetryPolicy": {
                "MaximumEventAgeInSeconds": retries["maximumEventAgeInSeconds"],
                "MaximumRetryAttempts": retries["maximumRetryAttempts"],
            },
        },
    }


def pipeline_of(graph: Recording) -> str:
    """The ARN of the team's pipeline."""
    name = inputs(graph, "Pipeline steps")["pipelineName"]
    return f"arn:aws:sagemaker:eu-west-1:123456789012:pipeline/{name}"


def test_the_schedule_is_a_request_that_eventbridge_takes() -> None:
    assert problems("scheduler", "CreateSchedule", request()) == []
    wrong = {**request(), "GroupName": "a group"}
    assert problems("scheduler", "CreateSchedule", wrong)


def test_it_starts_the_teams_pipeline_with_the_pipelines_own_parameters() -> None:
    graph = scheduled()
    known = inputs(graph, "Schedule schedule")
    assert known["target"].keys() == {"arn", "roleArn", "retryPolicy"}
    assert known["target"]["arn"] == pipeline_of(graph)
    assert known["scheduleExpression"] == "cron(0 6 ? * MON-FRI *)"
    assert known["scheduleExpressionTimezone"] == "UTC"
    assert "kmsKeyArn" not in known


def test_a_run_is_started_soon_or_not_at_all() -> None:
    policy = inputs(scheduled(), "Schedule schedule")["target"]["retryPolicy"]
    assert policy["maximumEventAgeInSeconds"] == team_schedule.LATEST
    assert policy["maximumRetryAttempts"] == team_schedule.TRIES


def test_only_the_stacks_group_takes_the_role_and_only_to_start_that_pipeline() -> None:
    graph = scheduled()
    group = inputs(graph, "ScheduleGroup schedule")["name"]
    (trust,) = statements(inputs(graph, "Role schedule-role")["assumeRolePolicy"])
    assert trust["Principal"] == {"Service": ["scheduler.amazonaws.com"]}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": f"{HERE}:schedule-group/{group}"},
    }
    (statement,) = statements(inputs(graph, "RolePolicy schedule")["policy"])
    assert statement["Action"] == ["sagemaker:StartPipelineExecution"]
    assert statement["Resource"] == [pipeline_of(graph)]


def test_the_group_has_the_tags_that_a_schedule_cannot_have() -> None:
    tags = inputs(scheduled(), "ScheduleGroup schedule")["tags"]
    assert planned({}).tags.items() <= tags.items()


@pytest.mark.parametrize(
    "settings",
    [
        {"engine": "managed", "team": {key: TEAM[key] for key in ("package", "steps")}},
        {"engine": "airflow", "team": TEAM, "orchestration": {"version": "3.0.6"}},
    ],
    ids=["without a schedule", "with Airflow"],
)
def test_where_it_is_not_needed_nothing_of_it_is_made(settings: Mapping[str, Any]) -> None:
    labels = [each.label for each in made(recorded(settings))]
    assert not {"Schedule schedule", "ScheduleGroup schedule", "Role schedule-role"} & {*labels}
