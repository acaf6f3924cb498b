"""SageMaker Studio for people: a domain in the private network, and one user profile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pulumi
from pulumi_aws.sagemaker import Domain, UserProfile

from pilothouse.targets.shared.protection import protect

if TYPE_CHECKING:
    from pilothouse.targets.aws.components.context import CapabilityContext


def make_domain(
    context: CapabilityContext,
    role_arn: pulumi.Output[str],
    needs: Sequence[pulumi.Resource],
) -> Domain:
    """The domain; its file system, which the service creates, is deleted with it."""
    plan, factory, network = context.plan, context.factory, context.network
    domain = Domain(
        "domain",
        domain_name=plan.name("domain"),
        auth_mode="IAM",
        vpc_id=network.vpc_id,
        subnet_ids=network.subnet_ids,
        app_network_access_type="VpcOnly",
        kms_key_id=context.key_arn,
        default_user_settings={
            "execution_role": role_arn,
            "security_groups": [network.group.id],
        },
        retention_policy={"home_efs_file_system": "Delete"},
        tags=factory.tags("domain"),
        opts=protect("domain", factory.options(*needs)),
    )
    UserProfile(
        "person",
        domain_id=domain.id,
        user_profile_name=plan.name("person"),
        tags=factory.tags("person"),
        opts=factory.options(),
    )
    return domain
