"""The components of a platform: which a plan chooses, their order, and a dry run of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from pilothouse import targets

if TYPE_CHECKING:
    import pulumi

    from pilothouse.plan import Plan
    from pilothouse.targets.dry_run import Outputs, Recording
    from pilothouse.targets.shared import component
    from pilothouse.targets.shared.component import CapabilityComponent


def build(
    plan: Plan[Any], opts: pulumi.ResourceOptions | None = None
) -> Mapping[str, CapabilityComponent]:
    """Make every component of `plan`'s target; the capabilities by their names, in their order."""
    load, engine = partial(targets.load, plan.target), plan.platform.engine
    make_foundation: component.MakeFoundation[Any, Any] = load("foundation")
    make_storage: component.MakeStorage[Any] = load("storage")
    make_compute: component.MakeCompute[Any, Any] = load("compute")
    make_tracking: component.MakeTracking[Any, Any, Any] = load(f"tracking.{engine('tracking')}")
    make_orchestration: component.MakeOrchestration[Any, Any, Any, Any] = load(
        f"orchestration.{engine('orchestration')}"
    )
    foundation = make_foundation("foundation", plan, opts=opts)
    storage = make_storage("storage", foundation, opts=opts)
    compute = make_compute("compute", foundation, storage, opts=opts)
    tracking = make_tracking("tracking", foundation, storage, compute, opts=opts)
    orchestration = make_orchestration(
        "orchestration", foundation, storage, compute, tracking, opts=opts
    )
    return {
        "storage": storage,
        "compute": compute,
        "tracking": tracking,
        "orchestration": orchestration,
    }


def record_graph(plan: Plan[Any]) -> Recording:
    """What the components of `plan` ask the engine for; no engine and no network are needed."""
    from pilothouse.targets.dry_run import record

    return record(lambda: build(plan), _AnyType(), stack_name=plan.stack, preview=True)


class _AnyType(dict[str, "Outputs"]):
    """Answers for every resource type: its outputs are unknown, as in a preview."""

    def __missing__(self, _type: str) -> Outputs:
        return lambda _name, _inputs: {}
