"""The foundation of the capabilities: provider, key, network, budget, the end of the pilot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
from pulumi_aws import Provider
from pulumi_aws.kms import Alias, Key

from pilothouse.targets.aws import naming
from pilothouse.targets.aws.components import iam
from pilothouse.targets.aws.components.budget import make_budget
from pilothouse.targets.aws.components.expiry import Expiry
from pilothouse.targets.aws.components.factory import ResourceFactory
from pilothouse.targets.aws.components.network import ExistingNetwork, Network, OwnNetwork
from pilothouse.targets.aws.components.spending_limit import SpendingLimit
from pilothouse.targets.aws.settings import team_files
from pilothouse.targets.shared.protection import protect

if TYPE_CHECKING:
    from pilothouse.targets.aws.settings.target import AwsPlan, AwsSettings

DELETION_DAYS = 7
"""The days, the fewest possible, for which AWS keeps a key whose deletion is scheduled."""


class AwsFoundation(pulumi.ComponentResource):
    """The key that encrypts everything, the network that everything is in, budget and end."""

    def __init__(
        self, name: str, plan: AwsPlan, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        self.team_files = team_files.read(plan)  # what is wrong with them shows before all else
        super().__init__("pilothouse:aws:Foundation", name, None, opts)
        self.plan = plan
        self.settings: AwsSettings = plan.settings
        self.provider = self._create_provider()
        self.factory = ResourceFactory(plan, self, self.provider)
        self.key_arn = self._choose_key()
        self.limit = SpendingLimit(self.factory, make_budget(self.factory))
        self.network = self._create_network()
        self.expiry = Expiry(self.factory)
        self.expiry.stop(self.factory, "network", self.network.hourly)
        self.register_outputs({"region": self.settings.region})

    def _create_provider(self) -> Provider:
        """The account's provider. It calls nothing by itself, so that a preview needs no login.

        The preflight checks whose credentials they are.
        """
        return Provider(
            "aws",
            region=self.settings.region,
            default_tags={"tags": dict(self.plan.tags)},
            skip_credentials_validation=True,
            skip_requesting_account_id=True,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _choose_key(self) -> pulumi.Output[str] | None:
        """The ARN of the key that encrypts everything; None leaves that to the services' keys."""
        if named := self.settings.storage.key_arn:
            return pulumi.Output.from_input(named)
        return self._create_key().arn if self.settings.has_key else None

    def _create_key(self) -> Key:
        key = Key(
            naming.KEY,
            description=f"Everything of {self.plan.name('platform')}",
            enable_key_rotation=True,
            deletion_window_in_days=DELETION_DAYS,
            policy=iam.build_key_policy(self.plan),
            tags=self.factory.tags(naming.KEY),
            opts=protect(naming.KEY, self.factory.options()),
        )
        Alias(
            naming.KEY,
            name=naming.key_alias(self.plan),
            target_key_id=key.key_id,
            opts=self.factory.options(),
        )
        return key

    def _create_network(self) -> Network:
        existing = self.settings.network
        if existing.vpc_id:
            subnet_ids = existing.private_subnet_ids or ()
            return ExistingNetwork(self.factory, existing.vpc_id, subnet_ids)
        return OwnNetwork(self.factory, self.key_arn)
