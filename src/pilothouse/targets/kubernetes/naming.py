"""The names and labels of a stack's objects, and how objects are recognised by them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pilothouse.plan import Plan

COMPONENT_LABEL = "app.kubernetes.io/name"
"""The label that tells which component an object belongs to."""
STACK_LABELS = ("pilothouse-platform", "pilothouse-stack")
"""The labels that identify a stack; its other labels, owner and expiry, may change."""

NAMESPACE_REMEDY = (
    "name another as `namespace` under `pilothouse:kubernetes` in the stack file; or, if you "
    "created it for this stack alone, add `namespaceExists: true` beside it"
)
"""What to do about a namespace that is not known to be the stack's."""


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
    return ",".join(f"{label}={value}" for label, value in identifying_labels(plan).items())


def identifying_labels(plan: Plan) -> dict[str, str]:
    """The labels by which the objects of a stack are recognised."""
    return {label: plan.tags[label] for label in STACK_LABELS}


def has_labels(found: Any, labels: Mapping[str, str]) -> bool:
    """Whether an object has these labels, among others."""
    return labels.items() <= dict(found.metadata.labels or {}).items()


def belongs_to_stack(found: Any, plan: Plan) -> bool:
    """Whether an object has the labels that identify this stack."""
    return has_labels(found, identifying_labels(plan))
