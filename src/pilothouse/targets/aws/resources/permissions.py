"""Permissions that are of no single resource type.

Actions and scopes are those of AWS's service authorization reference and of the provider's own
calls. A permission is scoped to the names in the graph where the service supports that. What EC2
creates has no name of the stack's, so it is scoped by the stack's tag.
"""

from __future__ import annotations

from pilothouse.targets.aws.resources.declaration import Permission, iam_arn, regional_arn

READ_ONLY = (
    Permission(
        actions="sts:GetCallerIdentity tag:GetResources servicequotas:ListServiceQuotas"
        " ec2:DescribeRegions ec2:DescribeAvailabilityZones ec2:DescribeVpcAttribute"
    ),
    Permission(actions="iam:SimulatePrincipalPolicy", on=[iam_arn("user/*"), iam_arn("role/*")]),
)
"""What the preflight and the proof of a teardown read, whatever the stack consists of."""

ENCRYPT = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey")
"""What a service that encrypts on behalf of a role does with a key."""

_USE_KEY = (
    "kms:CreateGrant kms:DescribeKey kms:Encrypt kms:Decrypt kms:GenerateDataKey* kms:ReEncrypt*"
)
USE_KEY = Permission(
    actions=_USE_KEY,
    on=[regional_arn("kms", "key/*")],
    inputs_of="aws:kms/key:Key",
    required_tag="resource",
)
"""The use of the stack's own key on behalf of a service that encrypts with it."""


def use_named_key(arn: str) -> Permission:
    """The same use of a key that is not the stack's, and a look at its policy."""
    return Permission(actions=f"{_USE_KEY} kms:GetKeyPolicy", on=[arn])


def pass_role(*services: str) -> Permission:
    """Passes the roles of the graph, to these services only."""
    return Permission(
        actions="iam:PassRole",
        on=[iam_arn("role{role_path}{name}")],
        inputs_of="aws:iam/role:Role",
        passed_to=[f"{service}.amazonaws.com" for service in services],
    )


def create_service_role(service: str) -> Permission:
    """Creates the role that a service has in the account."""
    return Permission(
        actions="iam:CreateServiceLinkedRole",
        on=[iam_arn(f"role/aws-service-role/{service}.amazonaws.com/*")],
    )
