"""Schedules and the groups that they are in."""

from __future__ import annotations

from collections.abc import Mapping

from testkit.fake_providers.aws.entry import Call, Entry, Put, Read
from testkit.fake_providers.aws.table import tagging

_SCHEDULE = (
    "Description: in.description, ScheduleExpression: in.scheduleExpression, "
    "ScheduleExpressionTimezone: in.scheduleExpressionTimezone, State: in.state, "
    "KmsKeyArn: in.kmsKeyArn, Target: pascal(in.target), "
    "FlexibleTimeWindow: pascal(in.flexibleTimeWindow)"
)
_OF_SCHEDULE = "GroupName: before(id, '/'), Name: after(id, '/')"

TABLE: Mapping[str, Entry] = {
    "aws:scheduler/scheduleGroup:ScheduleGroup": Entry(
        service="scheduler",
        create=Call(
            operation="create_schedule_group", request=f"{{Name: in.name, Tags: {tagging.PAIRS}}}"
        ),
        id="in.name",
        reads=(
            Read(operation="get_schedule_group", request="{Name: id}"),
            tagging.listed("it.Arn", "ResourceArn", "Tags"),
        ),
        seen={"tags": "mapped(has)", "name": "it.Name"},
        outputs={"arn": "it.Arn", "state": "it.State"},
        names=("name",),
        delete=(Call(operation="delete_schedule_group", request="{Name: id}"),),
        tags=tagging.by_arn("it.Arn", ("ResourceArn", "Tags", "TagKeys")),
    ),
    "aws:scheduler/schedule:Schedule": Entry(
        service="scheduler",
        create=Call(
            operation="create_schedule",
            request=f"{{GroupName: in.groupName, Name: in.name, {_SCHEDULE}}}",
        ),
        id="join('/', [in.groupName, in.name])",
        reads=(Read(operation="get_schedule", request=f"{{{_OF_SCHEDULE}}}"),),
        seen={
            "groupName": "it.GroupName", "name": "it.Name", "description": "it.Description",
            "scheduleExpression": "it.ScheduleExpression",
            "scheduleExpressionTimezone": "it.ScheduleExpressionTimezone", "state": "it.State",
            "kmsKeyArn": "it.KmsKeyArn", "target": "camel(it.Target)",
            "flexibleTimeWindow": "camel(it.FlexibleTimeWindow)",
        },
        outputs={"arn": "it.Arn"},
        puts=(
            Put(
                calls=(
                    Call(
                        operation="update_schedule", request=f"{{{_OF_SCHEDULE}, {_SCHEDULE}}}"
                    ),
                ),
                on_create=False,
            ),
        ),
        names=("groupName", "name"),
        computed=("state", "scheduleExpressionTimezone"),
        delete=(Call(operation="delete_schedule", request=f"{{{_OF_SCHEDULE}}}"),),
    ),
}  # fmt: skip
