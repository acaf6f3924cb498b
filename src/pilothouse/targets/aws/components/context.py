"""What the parts of a capability are made with, whichever capability it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pulumi

    from pilothouse.plan import Plan
    from pilothouse.targets.aws.components.factory import ResourceFactory
    from pilothouse.targets.aws.components.network import Network
    from pilothouse.targets.aws.settings.target import AwsSettings


@dataclass(frozen=True, kw_only=True)
class CapabilityContext:
    """The plan and the settings, what makes resources, and what they stand on.

    key_arn: of the stack's own key; None leaves encryption to the services' keys.
    """

    plan: Plan
    settings: AwsSettings
    factory: ResourceFactory
    network: Network
    key_arn: pulumi.Output[str] | None
