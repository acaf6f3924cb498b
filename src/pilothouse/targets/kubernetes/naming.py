"""What a stack's objects are called and marked with, and how they are recognised by that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pilothouse.plan import Plan

OWN = ("pilothouse-platform", "pilothouse-stack")


def namespace_of(plan: Plan) -> str:
    """The namespace of a stack."""
    return str(plan.settings.namespace or plan.name("platform"))


def labels(plan: Plan) -> dict[str, str]:
    """What marks every object of a stack."""
    return {
        **plan.tags,
        "app.kubernetes.io/part-of": "pilothouse",
        "app.kubernetes.io/managed-by": "pilothouse",
    }


def selector(plan: Plan) -> str:
    """The label selector of a stack's objects; its owner and its expiry may change."""
    return ",".join(f"{label}={plan.tags[label]}" for label in OWN)


def is_ours(found: Any, plan: Plan) -> bool:
    """Whether an object carries the marks of this stack."""
    marks = found.metadata.labels or {}
    return all(marks.get(label) == plan.tags[label] for label in OWN)
