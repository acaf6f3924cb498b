"""SageMaker Studio for people: a domain in the private network, and one profile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pulumi
from pulumi_aws.sagemaker import Domain, UserProfile

if TYPE_CHECKING:
    from pilothouse.targets.aws.components.compute import AwsCompute


def make_domain(compute: AwsCompute, needs: Sequence[pulumi.Resource]) -> Domain:
    """The domain; its file system, which the service makes, goes with it."""
    make, network = compute.make, compute.foundation.network
    domain = Domain(
        "domain",
        domain_name=compute.plan.name("domain"),
        auth_mode="IAM",
        vpc_id=network.vpc_id,
        subnet_ids=network.subnet_ids,
        app_network_access_type="VpcOnly",
        kms_key_id=compute.foundation.key_arn,
        default_user_settings={
            "execution_role": compute.role.arn,
            "security_groups": [network.group.id],
        },
        retention_policy={"home_efs_file_system": "Delete"},
        tags=make.tags("domain"),
        opts=make.options(*needs),
    )
    UserProfile(
        "person",
        domain_id=domain.id,
        user_profile_name=compute.plan.name("person"),
        tags=make.tags("person"),
        opts=make.options(),
    )
    return domain
