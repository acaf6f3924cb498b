"""The names and labels of a stack's objects, and how objects are recognised by them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pilothouse.plan import Plan

COMPONENT_LABEL = "app.kubernetes.io/name"
"""The label that tells which component an object belongs to."""
STACK_LABELS = ("pilothouse-platform", "pilothouse-stack")
"""The labels that identify a stack; its other labels, owner and expiry, may change."""


def namespace_of(plan: Plan) -> str:
    """The namespace of a stack."""
    return str(plan.settings.namespace or plan.name("platform"))


def stack_labels(plan: Plan) -> dict[str, str]:
    """The labels of every object of a stack."""
    return {
        **plan.tags,
        "app.kubernetes.io/part-of": "pilothouse",
        "app.kubernetes.io/managed-by": "pilothouse",
    }


def label_selector(plan: Plan) -> str:
    """The label selector that matches the objects of a stack."""
    return ",".join(f"{label}={plan.tags[label]}" for label in STACK_LABELS)


def belongs_to_stack(found: Any, plan: Plan) -> bool:
    """Whether an object has the labels that identify this stack."""
    labels = found.metadata.labels or {}
    return all(labels.get(label) == plan.tags[label] for label in STACK_LABELS)
