"""EventBridge Scheduler with a clock that is moved: it makes the calls that its schedules name.

The account in memory calls nothing by itself. What is due is read from the schedules as they are
there, and each call is made as it is written, if the role may make it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import boto3
from botocore.config import Config
from testkit.support.accounts import CREDENTIALS, REGION, Account
from testkit.support.iam import action_of

CALL = re.compile(r"arn:aws:scheduler:::aws-sdk:([a-z0-9]+):([a-z][A-Za-z]+)")
KINDS = {
    "airflow": "environment/{Name}",
    "sagemaker": "mlflow-tracking-server/{TrackingServerName}",
    "scheduler": "schedule/{GroupName}/{Name}",
}
"""What a call is about, as the end of an ARN, by the service that IAM knows."""
OF_EC2 = {
    "NatGatewayId": "natgateway/{}",
    "VpcEndpointIds": "vpc-endpoint/{}",
    "AllocationId": "elastic-ip/{}",
}


@dataclass(frozen=True)
class Due:
    """A call at a time: a client's service and operation, its input, the schedule's role."""

    at: datetime
    service: str
    operation: str
    given: dict[str, Any]
    role: str
    group: str

    @property
    def action(self) -> str:
        """IAM's name of it."""
        return action_of((self.service, self.operation[0].upper() + self.operation[1:]))

    @property
    def resource(self) -> str:
        """The end of the ARN of what it is about."""
        service = self.action.partition(":")[0]
        if service != "ec2":
            return KINDS[service].format(**self.given)
        ((key, value),) = self.given.items()
        return OF_EC2[key].format(value[0] if isinstance(value, list) else value)


@dataclass
class MovedClock:
    """A clock over an account, whose one-time schedules are due once."""

    cloud: Account
    now: datetime = datetime(2026, 1, 1)  # noqa: DTZ001 - UTC, as schedules have it

    def move(self, now: datetime) -> list[str]:
        """Make the calls that get due until `now`, in their order; the actions of them.

        AssertionError where the role may not be taken, or may not do that.
        """
        calls = [each for each in due(self.cloud) if self.now < each.at <= now]
        for call in calls:
            _make(self.cloud, call)
        self.now = now
        return [call.action for call in calls]


def due(cloud: Account) -> list[Due]:
    """The calls that one-time schedules make, by their time."""
    return sorted(_due(cloud), key=lambda each: each.at)


def _make(cloud: Account, call: Due) -> None:
    assert _may_take(cloud, call), f"the scheduler may not take {call.role} for {call.group}"
    assert _may(cloud, call), f"{call.role} may not {call.action} {call.resource}"
    operation = re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", call.operation)
    getattr(_client(cloud, call.service), operation)(**call.given)


def _due(cloud: Account) -> Iterator[Due]:
    client = cloud.client("scheduler")
    for listed in client.list_schedules()["Schedules"]:
        name = {"GroupName": listed["GroupName"], "Name": listed["Name"]}
        found = client.get_schedule(**name)
        named = CALL.fullmatch(found["Target"]["Arn"])
        at = re.fullmatch(r"at\((.+)\)", found["ScheduleExpression"])
        if named and at and found["State"] == "ENABLED":
            assert found["ScheduleExpressionTimezone"] == "UTC"
            yield Due(
                at=datetime.fromisoformat(at[1]),
                service=named[1],
                operation=named[2],
                given=json.loads(found["Target"]["Input"]),
                role=found["Target"]["RoleArn"].rpartition("/")[2],
                group=found["Arn"].replace(":schedule/", ":schedule-group/").rpartition("/")[0],
            )


def _may_take(cloud: Account, call: Due) -> bool:
    role = cloud.client("iam").get_role(RoleName=call.role)["Role"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    source: str = trust["Condition"]["ArnLike"]["aws:SourceArn"]
    return trust["Principal"] == {"Service": ["scheduler.amazonaws.com"]} and source == call.group


def _may(cloud: Account, call: Due) -> bool:
    iam = cloud.client("iam")
    policies = [
        iam.get_role_policy(RoleName=call.role, PolicyName=name)["PolicyDocument"]
        for name in iam.list_role_policies(RoleName=call.role)["PolicyNames"]
    ]
    return any(
        statement["Effect"] == "Allow"
        and call.action in statement["Action"]
        and any(arn.endswith(f":{call.resource}") for arn in statement["Resource"])
        for policy in policies
        for statement in policy["Statement"]
    )


def _client(cloud: Account, service: str) -> Any:
    made: Any = boto3.client
    at_one_host = Config(inject_host_prefix=False)
    return made(
        service, region_name=REGION, endpoint_url=cloud.url, config=at_one_host, **CREDENTIALS
    )
