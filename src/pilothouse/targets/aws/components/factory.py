"""Creates resources of an AWS stack with what every one has: parent, provider, tags, name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
from pulumi_aws.cloudwatch import LogGroup
from pulumi_aws.iam import Role, RolePolicy

from pilothouse.targets.aws import naming
from pilothouse.targets.aws.components import iam

if TYPE_CHECKING:
    from pulumi_aws import Provider
    from pulumi_aws.iam import Policy

    from pilothouse.targets.aws.components.iam import Statement
    from pilothouse.targets.aws.settings.target import AwsPlan

RETENTIONS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827),
    *(2192, 2557, 2922, 3288, 3653),
)
"""The retention periods, in days, that CloudWatch Logs accepts."""


def log_retention(days: int) -> int:
    """The shortest accepted retention period of at least `days`."""
    return next(period for period in RETENTIONS if period >= days)


@dataclass(frozen=True)
class ResourceFactory:
    """Creates what several capabilities need, below `parent`."""

    plan: AwsPlan
    parent: pulumi.Resource
    provider: Provider

    def options(self, *needs: pulumi.Resource) -> pulumi.ResourceOptions:
        """The options of a resource that is created after `needs`."""
        return pulumi.ResourceOptions(
            parent=self.parent, provider=self.provider, depends_on=list(needs)
        )

    def tags(self, role: str) -> dict[str, str]:
        """The tags of the resource that has `role`."""
        own = {**self.plan.tags, "Name": self.plan.name(role)}
        tags: dict[str, str] = self.plan.settings.all_tags(own)
        return tags

    def create_role(
        self, who: str, services: Sequence[str], source: str, *, denied_by: Policy | None = None
    ) -> Role:
        """The IAM role that `services` assume for `who`, on behalf of what `source` matches.

        denied_by: a policy that something else attaches to it, and that its deletion detaches.
        """
        wanted = self.plan.settings.iam
        return Role(
            f"{who}-role",
            name=naming.service_role(self.plan, who),
            path=None if wanted.path == "/" else wanted.path,
            permissions_boundary=wanted.permissions_boundary,
            assume_role_policy=iam.build_trust_policy(self.plan, services, source),
            force_detach_policies=True if denied_by else None,
            tags=self.tags(f"{who}-role"),
            opts=self.options(*([denied_by] if denied_by else [])),
        )

    def create_role_policy(
        self, name: str, role: Role, statements: Sequence[Statement]
    ) -> RolePolicy:
        """The permissions of a role; values in `statements` may be outputs."""
        return RolePolicy(
            name,
            name=self.plan.name(name),
            role=role.name,
            policy=iam.to_json_output(statements),
            opts=self.options(),
        )

    def create_log_group(
        self, name: str, group: str, key_arn: pulumi.Output[str] | None
    ) -> LogGroup:
        """A log group with the platform's log retention."""
        days = self.plan.platform.orchestration.log_retention_days
        return LogGroup(
            name,
            name=group,
            retention_in_days=log_retention(days),
            kms_key_id=key_arn,
            tags=self.tags(name),
            opts=self.options(),
        )
