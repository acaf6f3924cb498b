"""What stops when the pilot is over: all that bills by the hour; its role may do just that."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.targets.aws.policies import iam
from tests.targets.aws.policies.view import Stack, given, kind
from tests.targets.suite.recorder import Recorded

CALL = "arn:aws:scheduler:::aws-sdk:"
"""What the target of a schedule that calls AWS's API begins with."""

NETWORK = ("natgateway", "vpc-endpoint", "elastic-ip")
Input = Mapping[str, Any]
CALLS: Mapping[str, tuple[str, Callable[[Input], str]]] = {
    "mwaa:deleteEnvironment": (
        "airflow:DeleteEnvironment", lambda it: f"airflow environment/{it['Name']}"),
    "sagemaker:stopMlflowTrackingServer": (
        "sagemaker:StopMlflowTrackingServer",
        lambda it: f"sagemaker mlflow-tracking-server/{it['TrackingServerName']}"),
    "scheduler:deleteSchedule": (
        "scheduler:DeleteSchedule",
        lambda it: f"scheduler schedule/{it['GroupName']}/{it['Name']}"),
    "ec2:deleteNatGateway": (
        "ec2:DeleteNatGateway", lambda it: f"ec2 natgateway/{it['NatGatewayId']}"),
    "ec2:deleteVpcEndpoints": (
        "ec2:DeleteVpcEndpoints", lambda it: f"ec2 vpc-endpoint/{it['VpcEndpointIds'][0]}"),
    "ec2:releaseAddress": (
        "ec2:ReleaseAddress", lambda it: f"ec2 elastic-ip/{it['AllocationId']}"),
}  # fmt: skip
"""The calls by which something stops: the action that IAM asks for, and what its ARN tells."""


def stoppers(stack: Stack) -> list[Recorded]:
    """The schedules that call AWS's API."""
    found = stack.kind("Schedule")
    return [each for each in found if given(each)["target"]["arn"].startswith(CALL)]


def need(stack: Stack, schedule: Recorded) -> tuple[str, str]:
    """The action and the ARN that the role of a schedule needs for its call."""
    target = given(schedule)["target"]
    action, told = CALLS[target["arn"].removeprefix(CALL)]
    service, _, rest = told(json.loads(target["input"])).partition(" ")
    settings = stack.plan.settings
    return action, f"arn:aws:{service}:{settings.region}:{settings.account_id}:{rest}"


def the_end_stops_what_bills(stack: Stack) -> Iterator[str]:
    """Where the end acts, each thing that bills by the hour is stopped once, and nothing else."""
    stopped = sorted(need(stack, each)[1].partition(stack.plan.settings.account_id)[2][1:]
                     for each in stoppers(stack))  # fmt: skip
    wanted = sorted(_hourly(stack)) if _acts(stack) else []
    if stopped != wanted:
        yield f"{stopped} is stopped in place of {wanted}"


def the_end_comes_when_the_last_day_is_over(stack: Stack) -> Iterator[str]:
    """All of it soon after midnight in UTC, the network when nothing needs it any more."""
    midnight = datetime.combine(stack.plan.platform.pilot.expires, datetime.min.time())
    midnight += timedelta(days=1)
    for schedule in stoppers(stack):
        known = given(schedule)
        when = re.fullmatch(r"at\((.+)\)", known["scheduleExpression"])
        late = datetime.fromisoformat(when[1]) - midnight if when else timedelta(days=-1)
        label = need(stack, schedule)[1]
        first = timedelta(hours=1) if any(f":{each}/" in label for each in NETWORK) else timedelta()
        if not first <= late < first + timedelta(hours=1):
            yield f"{schedule.label} is due {late} after the last day"
        if known.get("scheduleExpressionTimezone") != "UTC" or known.get("state") == "DISABLED":
            yield f"{schedule.label} is due by another clock, or never"
        if known["target"].get("retryPolicy", {}).get("maximumEventAgeInSeconds", 86400) > 3600:
            yield f"{schedule.label} stops what somebody may have prolonged by then"
        if stack.by("ScheduleGroup", "name", known.get("groupName", "")) is None:
            yield f"{schedule.label} is in a group of nobody's, which has no tags"


def an_address_is_released_after_its_gateway(stack: Stack) -> Iterator[str]:
    """EC2 refuses that while the gateway has it."""
    due = {need(stack, each)[0]: given(each)["scheduleExpression"] for each in stoppers(stack)}
    if due.get("ec2:ReleaseAddress", "z") <= due.get("ec2:DeleteNatGateway", ""):
        yield f"the address goes at {due['ec2:ReleaseAddress']}"


def the_end_may_only_stop(stack: Stack) -> Iterator[str]:
    """The role of the end may make the calls of its schedules with their own resources alone."""
    roles = {given(each)["target"]["roleArn"].rpartition("/")[2] for each in stoppers(stack)}
    needed = {need(stack, each) for each in stoppers(stack)}
    for role in roles:
        for statement in iam.of_role(stack, role):
            for action in statement.actions:
                for arn in statement.resources:
                    if (action, arn) not in needed:
                        yield f"{role} may {action} {arn}"


def _acts(stack: Stack) -> bool:
    platform = stack.plan.platform
    is_written = "at_expiry" in platform.pilot.model_fields_set
    has_history = platform.engine("orchestration") == "airflow"
    return platform.pilot.at_expiry == "stop" and (is_written or not has_history)


def _hourly(stack: Stack) -> Iterator[str]:
    """What bills by the hour, and what begins runs that do, by the ends of their ARNs."""
    for resource in stack.resources:
        known = given(resource)
        match kind(resource):
            case "Environment":
                yield f"environment/{known['name']}"
            case "MlflowTrackingServer":
                yield f"mlflow-tracking-server/{known['trackingServerName']}"
            case "NatGateway":
                yield f"natgateway/{resource.name}"
            case "Eip":
                yield f"elastic-ip/{resource.name}"
            case "VpcEndpoint" if known["vpcEndpointType"] == "Interface":
                yield f"vpc-endpoint/{resource.name}"
            case "Schedule" if not known["target"]["arn"].startswith(CALL):
                yield f"schedule/{known['groupName']}/{known['name']}"
