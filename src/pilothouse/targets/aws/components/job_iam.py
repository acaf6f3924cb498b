"""What a job of the workload may do: its image, its data, its logs, its place in the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi

from pilothouse.targets.aws import naming
from pilothouse.targets.aws.components import iam
from pilothouse.targets.aws.components.iam import Statement, allow

if TYPE_CHECKING:
    from pilothouse.plan import Plan
    from pilothouse.targets.aws.components.foundation import AwsFoundation

PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
LOG = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams"]
LOOK = [
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
]
INTERFACE = [
    "ec2:CreateNetworkInterface",
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteNetworkInterfacePermission",
]


def statements(plan: Plan, foundation: AwsFoundation) -> list[Any]:
    """The statements; those on the network are known once it is made."""
    repository = naming.arn(plan, "ecr", f"repository/{plan.name(naming.WORKLOAD)}")
    groups = naming.arn(plan, "logs", "log-group:/aws/sagemaker/*")
    metrics = {"StringLike": {"cloudwatch:namespace": "/aws/sagemaker/*"}}
    key = foundation.key_arn
    return [
        *iam.bucket_access(plan, naming.DATA, write=True),
        *iam.bucket_access(plan, naming.ARTIFACTS, write=True),
        *([iam.key_access(plan, key, "s3", "ecr"), iam.grants(key)] if key else []),
        allow(PULL, [repository]),
        allow(["ecr:GetAuthorizationToken"], ["*"]),
        allow([*LOG, "logs:PutLogEvents"], [groups]),
        allow(["cloudwatch:PutMetricData"], ["*"], metrics),
        *_in_the_network(plan, foundation),
    ]


def _in_the_network(plan: Plan, foundation: AwsFoundation) -> list[Statement]:
    network = foundation.network
    prefix = naming.arn(plan, "ec2", "")
    named = [("subnet", each) for each in network.subnet_ids]
    named.append(("security-group", network.group.id))
    places = [pulumi.Output.format("{0}{1}/{2}", prefix, kind, each) for kind, each in named]
    return [allow(LOOK, ["*"]), allow(INTERFACE, [f"{prefix}network-interface/*", *places])]
