"""The root component: the four capabilities of a platform, in their order, from a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from pilothouse.program.build import build

if TYPE_CHECKING:
    from pilothouse.plan import Plan


class Platform(pulumi.ComponentResource):
    """A platform on its target. `contract` is what its users get: see `pilothouse.contract`."""

    def __init__(self, name: str, plan: Plan, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("pilothouse:index:Platform", name, None, opts)
        capabilities = build(plan, pulumi.ResourceOptions(parent=self))
        self.contract = {
            name: component.outputs.exported() for name, component in capabilities.items()
        }
        self.register_outputs({})
