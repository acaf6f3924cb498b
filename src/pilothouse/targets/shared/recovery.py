"""Finds and removes orphans: what Pulumi began to create and could not record.

A name or a tag says that a resource is the stack's, and the state's ids say what is recorded.
Nothing can have been made from an orphan, since Pulumi had no id to hand on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from pilothouse.errors import PilothouseError
from pilothouse.targets.shared import inventory
from pilothouse.targets.shared.account import ServiceError
from pilothouse.targets.shared.cleanup import Sweep
from pilothouse.targets.shared.resource_table import (
    AccountT,
    FoundResource,
    RecordedState,
    ResourceTable,
    ResourceType,
)
from pilothouse.waiting import CLOCK, Clock

Orphan = tuple[ResourceType[Any], FoundResource]


def remove_orphans(
    account: AccountT,
    table: ResourceTable[ResourceType[AccountT]],
    begun: Collection[str] | None,
    recorded: RecordedState,
    *,
    clock: Clock = CLOCK,
) -> list[str]:
    """Remove resources of the types in `begun` that `recorded` does not have; return what it was.

    `begun` is None where any type may have been. Raises PilothouseError, before anything is
    removed, where data would be lost or a type cannot be listed; and where one is not deleted.
    """
    orphans = find_orphans(account, table, begun, recorded)
    if refusals := list(_refusals(account, orphans)):
        raise PilothouseError("\n".join(refusals))
    ids = {(declared, found.id) for declared, found in orphans}
    types = list(dict.fromkeys(declared for declared, _ in orphans))
    sweep = Sweep(account, types, lambda declared, found: (declared, found.id) in ids, clock=clock)
    sweep.run()
    if sweep.remaining:
        lines = [f"{left}: {left.reason or left.found.detail}" for left in sweep.remaining]
        message = "resources of an earlier run cannot be deleted:"
        raise PilothouseError("\n".join([message, *lines]))
    return [str(attempt) for attempt in sweep.removed]


def find_orphans(
    account: AccountT,
    table: ResourceTable[ResourceType[AccountT]],
    begun: Collection[str] | None,
    recorded: RecordedState,
) -> list[Orphan]:
    """The resources of the types in `begun` that are the stack's and that `recorded` lacks.

    Raises PilothouseError where a type cannot be listed.
    """
    return [
        (declared, found)
        for declared in _types(table, begun, recorded)
        for found in _find(account, declared)
        if _is_orphan(found, table.known_ids(recorded, declared.type))
    ]


def _types(
    table: ResourceTable[ResourceType[AccountT]],
    begun: Collection[str] | None,
    recorded: RecordedState,
) -> Sequence[ResourceType[AccountT]]:
    """The types to look for, children first: they block their parents' deletion."""
    children = [declared.in_parents(recorded) for declared in table.children]
    created = [declared for declared in table.listed if declared.type]
    return [
        declared for declared in (*children, *created) if begun is None or declared.type in begun
    ]


def _find(account: AccountT, declared: ResourceType[AccountT]) -> list[FoundResource]:
    try:
        return inventory.find(account, declared)
    except ServiceError as error:
        message = f"an earlier run may have created a {declared.name}, and listing them fails"
        raise PilothouseError(f"{message}: {error}") from error


def _is_orphan(found: FoundResource, known: Collection[str]) -> bool:
    if found.is_inside or found.scheduled_deletion:
        return False
    return found.id not in known and (found.full_name or found.id) not in known


def _refusals(account: AccountT, orphans: Sequence[Orphan]) -> Iterator[str]:
    for declared, found in orphans:
        if data := declared.data_in(account, found):
            yield (
                f"{declared.name} {found} is in no state and holds {data}, so it is not deleted: "
                f"empty it, or adopt it with `pulumi import {declared.type} NAME {found.id}`"
            )
