"""Deleting a stack, and the proof that nothing of it is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pilothouse.errors import PilothouseError
from pilothouse.lifecycle.engine.automation import Engine, OnEvent
from pilothouse.lifecycle.engine.state import StackState
from pilothouse.targets.interface import Leftover, Operations


class LeftoversFound(PilothouseError):
    """Something of the stack still exists, or could not be looked for."""

    exit_code = 4

    def __init__(self, leftovers: Sequence[Leftover]) -> None:
        lines = [
            f"{item.verdict}: {item.kind} {item.name} {item.detail}".rstrip() for item in leftovers
        ]
        super().__init__("\n".join(["the teardown left something:", *lines]))
        self.leftovers = tuple(leftovers)


@dataclass(frozen=True, kw_only=True)
class TeardownProof:
    """What was looked for after a teardown, and what was kept by choice.

    damaged_state: where a damaged state is now.
    """

    looked_for: list[str]
    kept: list[Leftover]
    damaged_state: Path | None = None


def tear_down(
    engine: Engine, operations: Operations, state: StackState, on_event: OnEvent, *, keep_data: bool
) -> TeardownProof:
    """Destroy the stack, remove what a killed run made unrecorded, and prove it gone.

    Without the secrets of its state, or with a damaged one, the engine can destroy nothing: all of
    it is removed as if it were unrecorded, and once it is proved gone, the state is removed too; a
    damaged one is kept elsewhere.

    `state` is the engine's now. Raises LeftoversFound if anything is left that was not kept by
    choice, and StateDamaged where the engine finds that only now.
    """
    if state.exists and state.is_usable:
        variables = operations.destroy_variables(keep_data=keep_data)
        retained = [
            resource["urn"]
            for resource in (state.resources if keep_data else ())
            if operations.is_retained(resource)
        ]
        if retained:
            keep = state.retained_with_dependencies(retained)
            engine.unprotect(state.protected - keep)
            engine.destroy_all_but(keep, state, on_event, variables)
        else:
            engine.unprotect(state.protected)
            engine.destroy(on_event, variables)
    operations.clean_up(keep_data=keep_data)
    proof = prove_teardown(operations, keep_data=keep_data)
    if state.is_damaged:
        return replace(proof, damaged_state=engine.set_state_aside())
    if state.exists and not state.has_secrets:
        engine.forget()
    return proof


def prove_teardown(operations: Operations, *, keep_data: bool) -> TeardownProof:
    """Look for everything of the stack; LeftoversFound unless all of it is gone or kept."""
    found = operations.leftovers(keep_data=keep_data)
    if wrong := [item for item in found if item.verdict in ("present", "unknown")]:
        raise LeftoversFound(wrong)
    return TeardownProof(looked_for=list(operations.leftover_kinds), kept=found)
