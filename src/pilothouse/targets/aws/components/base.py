"""The base of every capability of an AWS stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from pilothouse.targets.aws.components.context import CapabilityContext
from pilothouse.targets.aws.components.factory import ResourceFactory
from pilothouse.targets.shared.component import CapabilityComponent

if TYPE_CHECKING:
    from pilothouse.targets.aws.components.foundation import AwsFoundation


class AwsComponent(CapabilityComponent):
    """A capability in the stack's account and region."""

    def __init__(
        self,
        name: str,
        foundation: AwsFoundation,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("aws", name, opts)
        self.plan, self.settings = foundation.plan, foundation.settings
        self.factory = ResourceFactory(foundation.plan, self, foundation.provider)
        self.context = CapabilityContext(
            plan=self.plan,
            settings=self.settings,
            factory=self.factory,
            network=foundation.network,
            expiry=foundation.expiry,
            limit=foundation.limit,
            key_arn=foundation.key_arn,
            team_files=foundation.team_files,
        )
