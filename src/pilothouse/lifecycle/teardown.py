"""Taking a stack away, and the proof that nothing of it is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pilothouse.errors import PilothouseError
from pilothouse.lifecycle.engine.automation import Engine, OnEvent
from pilothouse.targets.interface import Leftover, Operations


class LeftoversFound(PilothouseError):
    """Something of the stack is still there, or could not be looked for."""

    exit_code = 4

    def __init__(self, leftovers: Sequence[Leftover]) -> None:
        lines = [f"{item.verdict}: {item.kind} {item.name} {item.detail}" for item in leftovers]
        super().__init__("\n".join(["not everything is gone:", *lines]))
        self.leftovers = tuple(leftovers)


@dataclass(frozen=True, kw_only=True)
class Gone:
    """The proof of a teardown: what was looked for, and what was kept by choice."""

    looked_for: list[str]
    kept: list[Leftover]


def take_down(
    engine: Engine, operations: Operations, on_event: OnEvent, *, keep_data: bool
) -> Gone:
    """Destroy the stack, sweep up what a killed run made unrecorded, and prove it gone.

    Raises LeftoversFound if anything is left that was not kept by choice.
    """
    if engine.exists():
        resources = engine.resources() if keep_data else ()
        keep = {each["urn"] for each in resources if operations.is_retained(each)}
        engine.destroy(on_event, operations.destroy_variables(keep_data=keep_data), keep=keep)
    operations.clean_up(keep_data=keep_data)
    return prove_gone(operations, keep_data=keep_data)


def prove_gone(operations: Operations, *, keep_data: bool) -> Gone:
    """Look for everything of the stack; LeftoversFound unless all of it is gone or kept."""
    found = operations.leftovers(keep_data=keep_data)
    if wrong := [item for item in found if item.verdict in ("present", "unknown")]:
        raise LeftoversFound(wrong)
    return Gone(looked_for=list(operations.leftover_kinds), kept=found)
