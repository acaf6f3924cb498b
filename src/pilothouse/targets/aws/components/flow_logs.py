"""The flow logs of the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_aws.ec2 import FlowLog

from pilothouse.targets.aws import naming
from pilothouse.targets.aws.components.iam import allow

if TYPE_CHECKING:
    import pulumi
    from pulumi_aws.ec2 import Vpc

    from pilothouse.targets.aws.components.factory import ResourceFactory

WRITE = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]


def create_flow_log(
    factory: ResourceFactory, vpc: Vpc, key_arn: pulumi.Output[str] | None
) -> FlowLog:
    """Log every flow in `vpc`, with the platform's log retention."""
    group = naming.flow_log_group(factory.plan)
    logs = factory.create_log_group(naming.FLOW, group, key_arn)
    source = naming.arn(factory.plan, "ec2", "vpc-flow-log/*")
    role = factory.create_role(naming.FLOW, ["vpc-flow-logs"], source)
    arn = naming.arn(factory.plan, "logs", f"log-group:{group}")
    policy = factory.create_role_policy(
        naming.FLOW,
        role,
        [
            allow(WRITE, [arn, f"{arn}:*"]),
            allow(["logs:DescribeLogGroups"], ["*"]),
        ],
    )
    return FlowLog(
        naming.FLOW,
        vpc_id=vpc.id,
        traffic_type="ALL",
        log_destination_type="cloud-watch-logs",
        log_destination=logs.arn,
        iam_role_arn=role.arn,
        tags=factory.tags(naming.FLOW),
        opts=factory.options(policy),
    )
