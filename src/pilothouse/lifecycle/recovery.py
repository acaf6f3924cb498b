"""What a run made and no state knows is removed before the engine runs again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pilothouse.lifecycle.engine.journal import Journal
from pilothouse.targets.interface import Operations, PendingCreate


def recover(journal: Journal, operations: Operations, deployment: Mapping[str, Any]) -> list[str]:
    """Have the target remove what earlier runs made unrecorded; what that was, a line each.

    `deployment` is the stack's state; where it is empty, the engine has never made anything. Such
    a resource is a leaf: nothing could have been made from it. Raises PilothouseError where it
    holds data, and the journal stays.
    """
    began, pending = journal.unfinished(), list(pending_creates(deployment))
    removed: list[str] = []
    if deployment and (began is None or began or pending):
        known = None if began is None else [*began, *pending]
        removed = operations.remove_orphans(known, deployment.get("resources") or [])
    journal.clear()
    return removed


def pending_creates(deployment: Mapping[str, Any]) -> Iterable[PendingCreate]:
    """The creates that the state itself knows to have begun: a raw `pulumi` has no journal."""
    for operation in deployment.get("pending_operations") or ():
        if operation["type"] == "creating":
            resource = operation["resource"]
            yield PendingCreate(urn=resource["urn"], type=resource["type"])
