"""What the functions that create parts of a capability need of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pulumi

    from pilothouse.targets.aws.components.expiry import Expiry
    from pilothouse.targets.aws.components.factory import ResourceFactory
    from pilothouse.targets.aws.components.network import Network
    from pilothouse.targets.aws.components.spending_limit import SpendingLimit
    from pilothouse.targets.aws.settings.target import AwsPlan, AwsSettings
    from pilothouse.targets.aws.settings.team_files import TeamFiles


@dataclass(frozen=True, kw_only=True)
class CapabilityContext:
    """The plan, the settings, the factory of resources, the foundation's network, key and files.

    expiry: has stopped what bills by the hour when the pilot is over. limit: makes the roles that
    start jobs until the budget is spent. key_arn: of the stack's own key or the named one; None
    leaves encryption to the services' keys.
    """

    plan: AwsPlan
    settings: AwsSettings
    factory: ResourceFactory
    network: Network
    expiry: Expiry
    limit: SpendingLimit
    key_arn: pulumi.Output[str] | None
    team_files: TeamFiles
