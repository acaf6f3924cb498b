"""Makes what a platform consists of on its target: the foundation, then each capability."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pilothouse import targets
from pilothouse.contract import CAPABILITIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pulumi

    from pilothouse.plan import Plan
    from pilothouse.targets.shared.component import CapabilityComponent
    from pilothouse.targets.shared.dry_run import Outputs, Recording


def build(
    plan: Plan, opts: pulumi.ResourceOptions | None = None
) -> Mapping[str, CapabilityComponent]:
    """Make every component of `plan`; the capabilities by name, each given those before it."""
    foundation = targets.load(plan.target, "foundation")("foundation", plan, opts=opts)
    components: dict[str, CapabilityComponent] = {}
    for name in CAPABILITIES:
        component = targets.load(plan.target, name)
        components[name] = component(name, foundation, **components, opts=opts)
    return components


def record_graph(plan: Plan) -> Recording:
    """What the components of `plan` ask the engine for; no engine and no network are needed."""
    from pilothouse.targets.shared.dry_run import record

    return record(lambda: build(plan), _AnyType(), stack_name=plan.stack, preview=True)


class _AnyType(dict[str, "Outputs"]):
    """Answers for every resource type: its outputs are unknown, as in a preview."""

    def __missing__(self, _type: str) -> Outputs:
        return lambda _name, _inputs: {}
