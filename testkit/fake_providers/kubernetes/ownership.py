"""Who manages an object's fields, and how they pass to server-side apply.

What was made by POST or by kubectl's own ways is handed over before an apply, as the real
provider does (`fixCSAFieldManagers`); what anybody else changed stays a conflict.
"""

from __future__ import annotations

from typing import Any

from testkit.fake_providers.kubernetes.cluster import Object

CREATOR = "pulumi-kubernetes"
"""The manager of what is made by POST."""

_HANDED_OVER = (
    ("kubectl", "Apply"),
    ("kubectl", "Update"),
    ("before-first-apply", "Update"),
    ("pulumi-kubernetes", "Update"),
    ("pulumi-resource-kubernetes", "Update"),
)


def handed_over(live: Object, manager: str) -> list[Object] | None:
    """The JSON patch after which `manager` has those fields; None if there is nothing to do."""
    entries = live["metadata"].get("managedFields", [])
    given = [entry for entry in entries if _is_handed_over(entry, manager)]
    if not given:
        return None
    own = [entry for entry in entries if _is_applied_by(entry, manager)]
    others = [entry for entry in entries if entry not in given and entry not in own]
    merged = {
        "manager": manager, "operation": "Apply", "fieldsType": "FieldsV1",
        "apiVersion": given[0]["apiVersion"], "time": given[0].get("time"),
        "fieldsV1": _union(*(entry.get("fieldsV1", {}) for entry in (*own, *given))),
    }  # fmt: skip
    version = live["metadata"]["resourceVersion"]
    return [
        {"op": "replace", "path": "/metadata/managedFields", "value": [merged, *others]},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": version},
    ]


def is_shown_by_force(live: Object) -> bool:
    """Whether a preview overrides conflicts: its fields are handed over in the update only."""
    entries = live["metadata"].get("managedFields", [])
    return any(e["manager"] == CREATOR and e["operation"] == "Update" for e in entries)


def _is_handed_over(entry: Object, manager: str) -> bool:
    if entry.get("subresource") or _is_applied_by(entry, manager):
        return False
    return any(
        entry["operation"] == operation and entry["manager"].startswith(name)
        for name, operation in _HANDED_OVER
    )


def _is_applied_by(entry: Object, manager: str) -> bool:
    return bool(entry["manager"] == manager and entry["operation"] == "Apply")


def _union(*sets: dict[str, Any]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for fields in sets:
        for name, below in fields.items():
            merged[name] = _union(merged.get(name, {}), below)
    return merged
