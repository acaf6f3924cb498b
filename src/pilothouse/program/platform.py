"""The root component: the four capabilities of a platform, in their order, from a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi

from pilothouse import targets
from pilothouse.contract import CAPABILITIES

if TYPE_CHECKING:
    from pilothouse.plan import Plan


class Platform(pulumi.ComponentResource):
    """A platform on its target. `contract` is what its users get: see `pilothouse.contract`."""

    def __init__(self, name: str, plan: Plan, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("pilothouse:index:Platform", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        foundation = targets.load(plan.target, "foundation")("foundation", plan, opts=child)
        made: dict[str, Any] = {}
        for capability in CAPABILITIES:
            component = targets.load(plan.target, capability)
            made[capability] = component(capability, foundation, **made, opts=child)
        self.contract = {name: made[name].outputs.exported() for name in CAPABILITIES}
        self.register_outputs({})
