"""EventBridge Scheduler: schedules of the team's workload and of the end, and their groups."""

from __future__ import annotations

from collections.abc import Iterator

from pilothouse.targets.aws import naming
from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.aws.resources import billing
from pilothouse.targets.aws.resources.declaration import (
    AwsResource,
    ListCall,
    Permission,
    Stop,
    regional_arn,
)
from pilothouse.targets.aws.resources.permissions import pass_role
from pilothouse.targets.shared.resource_table import FoundResource

_DELETING = "DELETING"


def _find_groups(account: Account) -> Iterator[FoundResource]:
    for group in account.list_items("scheduler", "list_schedule_groups", "ScheduleGroups"):
        name, arn, status = group["Name"], group["Arn"], group["State"]
        if account.belongs_to_stack(name, arn=arn):
            yield FoundResource(
                id=name,
                name=name,
                full_name=arn,
                detail=status,
                is_deleting=status == _DELETING,
            )


def _delete_group(account: Account, group: FoundResource) -> None:
    """The schedules in it go with it."""
    account.client("scheduler").delete_schedule_group(Name=group.id)


def _find_schedules(account: Account) -> Iterator[FoundResource]:
    """Those in the stack's groups: a schedule has no tags."""
    for group in _find_groups(account):
        for schedule in account.list_items(
            "scheduler", "list_schedules", "Schedules", GroupName=group.name
        ):
            name = schedule["Name"]
            yield FoundResource(
                id=f"{group.name}/{name}",
                name=name,
                full_name=schedule["Arn"],
                is_deleting=group.is_deleting,
            )


def _delete_schedule(account: Account, schedule: FoundResource) -> None:
    account.client("scheduler").delete_schedule(**_names(schedule.id))


def _names(schedule_id: str) -> dict[str, str]:
    group, _, name = schedule_id.partition("/")
    return {"GroupName": group, "Name": name}


def _starts_runs(account: Account, schedule: FoundResource) -> bool:
    """The others are those of the end of the pilot."""
    return schedule.name == account.plan.name(naming.SCHEDULE)


RESOURCES = (
    AwsResource(
        name="schedule",
        type="aws:scheduler/schedule:Schedule",
        billing=billing.free("the first 14 million invocations of a month are free"),
        find=_find_schedules,
        delete=_delete_schedule,
        stop=Stop(
            service="scheduler",
            operation="delete_schedule",
            action="scheduler:DeleteSchedule",
            on=regional_arn("scheduler", "schedule/{id}"),
            arguments=_names,
            applies=_starts_runs,
        ),
        permissions=[
            Permission(
                actions="scheduler:CreateSchedule scheduler:GetSchedule scheduler:UpdateSchedule"
                " scheduler:DeleteSchedule",
                on=[regional_arn("scheduler", "schedule/{groupName}/{name}")],
            ),
            pass_role("scheduler"),
        ],
        list_actions="scheduler:ListSchedules",
    ),
    AwsResource(
        name="schedule group",
        type="aws:scheduler/scheduleGroup:ScheduleGroup",
        billing=billing.free(),
        find=_find_groups,
        delete=_delete_group,
        permissions=[
            Permission(
                actions="scheduler:CreateScheduleGroup scheduler:GetScheduleGroup"
                " scheduler:DeleteScheduleGroup scheduler:TagResource scheduler:UntagResource"
                " scheduler:ListTagsForResource",
                on=[regional_arn("scheduler", "schedule-group/{name}")],
            ),
        ],
        list_actions="scheduler:ListScheduleGroups",
        availability=ListCall(
            service="scheduler", operation="list_schedule_groups", arguments={"MaxResults": 1}
        ),
    ),
)
"""In the order in which they can be deleted; before the pipeline, so that no run begins."""
