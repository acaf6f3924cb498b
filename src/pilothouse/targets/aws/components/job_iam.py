"""The permissions of the workload's jobs: their image, data, logs and network interfaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi

from pilothouse.targets.aws import naming
from pilothouse.targets.aws.components import iam
from pilothouse.targets.aws.components.iam import Statement, allow

if TYPE_CHECKING:
    from pilothouse.targets.aws.components.context import CapabilityContext
    from pilothouse.targets.aws.settings.target import AwsPlan

PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
LOG = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams"]
READ_ONLY = [
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


def allow_job(context: CapabilityContext) -> list[Any]:
    """The statements of their role; those on the network are known once it is created."""
    plan, key = context.plan, context.key_arn
    repositories = [naming.arn(plan, "ecr", f"repository/{plan.name(naming.WORKLOAD)}")]
    if team := naming.team_repository_arn(plan):
        repositories.append(team)
    groups = naming.arn(plan, "logs", "log-group:/aws/sagemaker/*")
    metrics = {"StringLike": {"cloudwatch:namespace": "/aws/sagemaker/*"}}
    return [
        *iam.allow_bucket(plan, naming.DATA, write=True),
        *iam.allow_bucket(plan, naming.ARTIFACTS, write=True),
        *([iam.allow_key(plan, key, "s3", "ecr"), iam.allow_key_grants(key)] if key else []),
        allow(PULL, repositories),
        allow(["ecr:GetAuthorizationToken"], ["*"]),
        allow([*LOG, "logs:PutLogEvents"], [groups]),
        allow(["cloudwatch:PutMetricData"], ["*"], metrics),
        *_allow_network(context),
        *_allow_secret(plan),
    ]


def _allow_secret(plan: AwsPlan) -> list[Statement]:
    """Allows to read the secret of the team's workload, whose ARN ends in six characters."""
    name = plan.settings.workload.secret
    if not (name and plan.platform.workload):
        return []
    secret = naming.arn(plan, "secretsmanager", f"secret:{name}-??????")
    return [allow(["secretsmanager:GetSecretValue"], [secret])]


def _allow_network(context: CapabilityContext) -> list[Statement]:
    prefix = naming.arn(context.plan, "ec2", "")
    ids = [("subnet", subnet_id) for subnet_id in context.network.subnet_ids]
    ids.append(("security-group", context.network.group.id))
    arns = [pulumi.Output.format("{0}{1}/{2}", prefix, kind, value) for kind, value in ids]
    return [allow(READ_ONLY, ["*"]), allow(INTERFACE, [f"{prefix}network-interface/*", *arns])]
