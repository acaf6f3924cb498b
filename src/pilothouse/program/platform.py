"""The root component: the four capabilities of a platform, in their order, from a plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pulumi

from pilothouse.contract import CAPABILITIES
from pilothouse.program.build import build

if TYPE_CHECKING:
    from pilothouse.contract import Capability
    from pilothouse.plan import Plan


class Platform(pulumi.ComponentResource):
    """A platform on its target.

    contract: what its users get, see `pilothouse.contract`.
    flat_outputs: what scripts ask for most, one output each, by the same names on every target.
    """

    def __init__(
        self, name: str, plan: Plan[Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("pilothouse:index:Platform", name, None, opts)
        made = build(plan, pulumi.ResourceOptions(parent=self))
        capabilities = {name: made[name].outputs for name in CAPABILITIES}
        self.contract = {name: found.exported() for name, found in capabilities.items()}
        self.flat_outputs = _flat_outputs(capabilities)
        self.register_outputs({})


def _flat_outputs(
    capabilities: Mapping[str, Capability[pulumi.Input[str]]],
) -> dict[str, pulumi.Output[str]]:
    """Addresses and logins; empty where the target has none. Passwords are secret.

    The names are part of what pilothouse promises: scripts read them by `pulumi stack output`.
    """
    storage = pulumi.Output.from_input(capabilities["storage"].uri)
    found = {"bucket": storage.apply(lambda uri: urlsplit(uri).netloc), "storageUri": storage}
    for name in ("tracking", "orchestration"):
        capability = capabilities[name]
        found[f"{name}Uri"] = pulumi.Output.from_input(capability.uri)
        found[f"{name}Console"] = pulumi.Output.from_input(capability.console)
        found[f"{name}Username"] = pulumi.Output.from_input(capability.login.get("username", ""))
        found[f"{name}Password"] = pulumi.Output.secret(capability.login.get("password", ""))
    return found
