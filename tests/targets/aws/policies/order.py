"""What goes before what in a teardown: read from the graph's dependencies."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from tests.targets.aws.policies.view import Stack
from tests.targets.suite.recorder import Recorded

_BUCKETS = [
    f"Bucket{part} {{0}}"
    for part in ("PublicAccessBlock", "OwnershipControls", "Policy", "Versioning",
                 "ServerSideEncryptionConfiguration")
]  # fmt: skip
_WAYS = [
    "Subnet private-*", "RouteTableAssociation private-*", "SecurityGroup members",
    "NatGateway *", "Route private", "Route public", "InternetGateway *", "VpcEndpoint *",
]  # fmt: skip


def _parts(role: str) -> list[str]:
    return [f"Bucket {role}", *(part.format(role) for part in _BUCKETS)]


GOES_BEFORE: dict[str, list[str]] = {
    # MWAA leaves interfaces in its subnets for a while, works with its role and its bucket to its
    # end, and writes to its log groups: a group that goes first is made anew and stays.
    "Environment airflow": [
        *_WAYS, *_parts("dags"), "BucketObjectv2 *", "Role airflow-role", "RolePolicy airflow",
        "LogGroup dag-processing", "LogGroup scheduler", "LogGroup task", "LogGroup webserver",
        "LogGroup worker", "Key key", "Role job-role", "RolePolicy job", "RolePolicy job-mlflow",
        "Repository workload", "Mlflow* mlflow", *_parts("data"),
    ],
    # Studio's file system has targets in the subnets, and groups of its own there.
    "Domain domain": [*_WAYS, "Role job-role", "RolePolicy job", "Key key", *_parts("data")],
    "UserProfile person": ["Domain domain"],
    "Pipeline *": [
        *_WAYS, "Role pipeline-role", "RolePolicy pipeline", "Role job-role", "RolePolicy job",
        "RolePolicy job-mlflow", "Repository workload", "Mlflow* mlflow", *_parts("data"),
    ],
    # No run begins while its pipeline goes.
    "Schedule schedule": ["ScheduleGroup schedule", "Pipeline steps", "Role schedule-role",
                          "RolePolicy schedule"],
    "RolePolicy schedule": ["Role schedule-role"],
    # A role to which the budget has attached the policy goes first, and takes that off.
    "Role airflow-role": ["Policy limit"],
    "Role pipeline-role": ["Policy limit"],
    "Role schedule-role": ["Policy limit"],
    "BudgetAction limit": ["Budget budget", "Policy limit", "Role limit-role", "RolePolicy limit",
                           "Role airflow-role", "Role pipeline-role"],
    # What is to be stopped is there when its call has its name or its id.
    "Schedule expiry-*": ["ScheduleGroup expiry", "Role expiry-role"],
    "Schedule expiry-airflow": ["Environment airflow", "RolePolicy expiry-airflow"],
    "Schedule expiry-mlflow": ["MlflowTrackingServer mlflow", "RolePolicy expiry-mlflow"],
    "Schedule expiry-nat": ["NatGateway nat", "RolePolicy expiry-network"],
    "Schedule expiry-address": ["Eip nat", "RolePolicy expiry-network"],
    "Schedule expiry-sqs": ["VpcEndpoint sqs", "RolePolicy expiry-network"],
    "Schedule expiry-schedule": ["Schedule schedule", "RolePolicy expiry-schedule"],
    "RolePolicy expiry-*": ["Role expiry-role"],
    "Mlflow* mlflow": ["Role mlflow-role", "RolePolicy mlflow", *_parts("artifacts"), "Key key"],
    # A gateway of a VPC can't be detached while an address behind it is in use.
    "NatGateway nat": ["Eip nat", "Subnet public-a", "InternetGateway internet", "Route public",
                       "RouteTableAssociation public-*"],
    "Eip nat": ["InternetGateway internet"],
    "Route private": ["NatGateway nat", "RouteTable private"],
    "Route public": ["InternetGateway internet", "RouteTable public"],
    "RouteTableAssociation *": ["Vpc vpc"],
    "VpcEndpoint s3": ["RouteTable private", "Vpc vpc"],
    "VpcEndpoint sqs": ["Subnet private-*", "SecurityGroup members"],
    "VpcEndpoint mlflow-api": ["Subnet private-*", "SecurityGroup members"],
    "Subnet *": ["Vpc vpc"],
    "SecurityGroup members": ["Vpc vpc"],
    "DefaultSecurityGroup default": ["Vpc vpc"],
    # Nothing may be written to the group once it is gone.
    "FlowLog flow": ["LogGroup flow", "Role flow-role", "RolePolicy flow", "Vpc vpc"],
    "LogGroup *": ["Key key"],
    "Alias key": ["Key key"],
    "Repository workload": ["Key key"],
    "LifecyclePolicy workload": ["Repository workload"],
    "RolePolicy airflow": ["Role airflow-role"],
    "RolePolicy job*": ["Role job-role"],
    "RolePolicy job-mlflow": ["Mlflow* mlflow"],
    **{part.format(role): [f"Bucket {role}"] for part in _BUCKETS
       for role in ("data", "artifacts", "dags")},
    **{f"BucketPolicy {role}": [f"BucketPublicAccessBlock {role}", f"Bucket {role}"]
       for role in ("data", "artifacts", "dags")},
    **{f"BucketLifecycleConfiguration {role}": [f"BucketVersioning {role}", f"Bucket {role}"]
       for role in ("data", "artifacts", "dags")},
    "BucketObjectv2 *": _parts("dags"),
}  # fmt: skip
"""Labels, with `*` for any text: the first goes before all of the others that there are."""


def what_needs_it_goes_first(stack: Stack) -> Iterator[str]:
    """Everything is gone before what it stands on, and is made after it."""
    for item, needed in pairs(stack):
        if needed.label not in stack.graph.needs(item):
            yield f"{item.label} may outlive {needed.label}"


def pairs(stack: Stack) -> Iterator[tuple[Recorded, Recorded]]:
    """The pairs that a stack has: what goes before, and what after it."""
    for first, others in GOES_BEFORE.items():
        for item in _matching(stack, first):
            for other in others:
                yield from ((item, needed) for needed in _matching(stack, other))


def _matching(stack: Stack, pattern: str) -> list[Recorded]:
    return [resource for resource in stack.resources if fnmatchcase(resource.label, pattern)]
