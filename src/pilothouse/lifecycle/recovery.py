"""What a run made and could not record is removed before the engine runs again."""

from __future__ import annotations

from pilothouse.lifecycle.engine.journal import Journal
from pilothouse.lifecycle.engine.state import StackState
from pilothouse.targets.interface import Operations


def remove_orphans(journal: Journal, operations: Operations, state: StackState) -> list[str]:
    """Have the target remove what earlier runs made and could not record; its names.

    Where the stack does not exist, the engine has never made anything. Such a resource is a leaf:
    nothing could have been made from it. Raises PilothouseError where it holds data, and the
    journal stays.
    """
    began = journal.unfinished()
    removed: list[str] = []
    if state.exists and (began is None or began or state.pending_creates):
        pending = None if began is None else [*began, *state.pending_creates]
        removed = operations.remove_orphans(pending, state.resources)
    journal.clear()
    return removed
