"""The schedule of the team's workload: made, changed and taken away with the line that says it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from testkit.fake_providers.aws import account
from testkit.support.accounts import REGION, Account, Project, platform_project
from testkit.support.accounts import account as account_in
from testkit.support.stacks import MINIMAL

from tests.targets.aws.graph.stacks import TEAM

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]

PARTS = {
    "Schedule schedule",
    "ScheduleGroup schedule",
    "Role schedule-role",
    "RolePolicy schedule",
    "Schedule expiry-schedule",
    "RolePolicy expiry-schedule",
}
"""The schedule, and what deletes it when the pilot is over."""


def platform(schedule: str | None) -> str:
    """The platform with the team's workload, at these times or on request."""
    team = {key: value for key, value in {**TEAM, "schedule": schedule}.items() if value}
    return f"{MINIMAL}\norchestration: {{engine: managed}}\nworkload: {json.dumps(team)}\n"


def write(project: Project, schedule: str | None) -> None:
    """Change platform.yaml."""
    (project.folder / "platform.yaml").write_text(platform(schedule))


def scheduled(cloud: Account) -> dict[str, Any]:
    """The one schedule that starts runs, as its service tells it."""
    client = cloud.client("scheduler")
    (found,) = [
        each for each in client.list_schedules()["Schedules"] if "expiry" not in each["Name"]
    ]
    return dict(client.get_schedule(GroupName=found["GroupName"], Name=found["Name"]))


def traces() -> list[str]:
    """What the account has of schedules and of the role that they take."""
    own = [each for each in account.contents(REGION) if "-schedule-" in each]
    return [each for each in own if "-expiry-" not in each]


def test_a_schedule_follows_platform_yaml_and_leaves_nothing(tmp_path: Path) -> None:
    weekdays, monthly = "0 6 * * 1-5", "30 4 1 * *"
    with (
        account_in(tmp_path) as cloud,
        platform_project(cloud.variables, platform(weekdays)) as project,
    ):
        project.up()
        first = scheduled(cloud)
        target = first["Target"]
        assert target["Arn"] == project.resources()["Pipeline steps"]["outputs"]["arn"]
        assert target["RoleArn"] == project.resources()["Role schedule-role"]["outputs"]["arn"]
        assert first["ScheduleExpression"] == "cron(0 6 ? * MON-FRI *)"
        assert first["ScheduleExpressionTimezone"] == "UTC"
        assert first["State"] == "ENABLED"
        assert len(traces()) == 3
        project.up("--expect-no-changes")
        project.pulumi("refresh", "--preview-only", "--expect-no-changes")

        write(project, monthly)
        changed = project.planned()
        assert changed["Schedule schedule"] == changed["Pipeline steps"] == "update"
        project.up()
        assert scheduled(cloud)["ScheduleExpression"] == "cron(30 4 1 * ? *)"
        assert scheduled(cloud)["Arn"] == first["Arn"]

        write(project, None)
        goes = {label for label, what in project.planned().items() if what == "delete"}
        assert goes == PARTS
        project.up()
        assert traces() == []

        write(project, weekdays)
        project.up()
        assert len(traces()) == 3
        project.destroy()
        assert account.contents(REGION) == []
