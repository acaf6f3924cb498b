"""What an `up` would delete or replace of what holds data, found by a preview before it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pilothouse.cost.estimate import Billed
from pilothouse.errors import Refused
from pilothouse.lifecycle.engine.automation import Engine, EngineFailed, OnEvent
from pilothouse.lifecycle.engine.state import StackState
from pilothouse.targets.interface import ALLOW_DATA_LOSS_VARIABLE

if TYPE_CHECKING:
    from pulumi.automation.events import EngineEvent, StepEventStateMetadata

EVERYTHING = "*"
"""The value of ALLOW_DATA_LOSS_VARIABLE that names every resource."""

_REPLACED = frozenset({"replace", "create-replacement", "delete-replaced"})


@dataclass(frozen=True, kw_only=True)
class DataLoss:
    """A resource that holds data and would be deleted, or replaced by an empty one.

    causes: the properties whose change replaces it; none where it is deleted.
    """

    urn: str
    causes: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Its logical name."""
        return self.urn.rpartition("::")[2]

    def __str__(self) -> str:
        kind = self.urn.split("::")[-2].rpartition(":")[2]
        changed = f" (its {', '.join(self.causes)} changed)" if self.causes else ""
        return f"{kind} {self.name} would be {'replaced' if self.causes else 'deleted'}{changed}"


AcceptLoss = Callable[[Sequence[DataLoss]], None]
"""Returns where the loss of these is accepted, else raises Refused."""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What an `up` would do: how many resources by operation, and what data would be lost.

    resources: what there would be then, and would be billed for.
    """

    changes: dict[str, int]
    losses: Sequence[DataLoss]
    resources: Sequence[Billed]


def preview(
    engine: Engine, state: StackState, on_event: OnEvent, *, refresh: bool = False
) -> Preview:
    """Preview an `up` on the stack as `state` has it.

    Protection is lifted for it, so that it shows every loss of data and does not end at the first.
    Raises EngineFailed.
    """
    steps = _Steps(on_event)
    variables = {ALLOW_DATA_LOSS_VARIABLE: EVERYTHING}
    try:
        changes = engine.preview(steps, variables, refresh=refresh)
    except EngineFailed:
        # The engine ends at the deletion of what is protected in the state, after all other steps.
        if not steps.of_operation("delete") & state.protected:
            raise
        changes = steps.count()
    return Preview(changes=changes, losses=list(steps.losses(state)), resources=steps.planned)


def find(engine: Engine, state: StackState) -> Sequence[DataLoss]:
    """What an `up` would delete or replace of what holds data; nothing where nothing does."""
    if not state.protected:
        return []
    return preview(engine, state, lambda _event: None).losses


def refuse(losses: Sequence[DataLoss]) -> None:
    """Raise Refused where there is any loss."""
    if losses:
        lines = ["data would be lost, so nothing was changed:", *map(str, losses)]
        remedy = "undo the edit that causes it, or delete the data with `up --allow-data-loss`"
        raise Refused("\n".join([*lines, remedy]))


def variables_for(losses: Sequence[DataLoss]) -> dict[str, str]:
    """The variables with which the program gives up the protection of these alone."""
    return {ALLOW_DATA_LOSS_VARIABLE: ",".join(loss.name for loss in losses)} if losses else {}


class _Steps:
    """Keeps the operations of each resource, and passes the events on."""

    def __init__(self, on_event: OnEvent) -> None:
        self._on_event = on_event
        self._operations: defaultdict[str, set[str]] = defaultdict(set)
        self._causes: dict[str, list[str]] = {}
        self._planned: dict[str, StepEventStateMetadata] = {}

    def __call__(self, event: EngineEvent) -> None:
        if event.resource_pre_event:
            step = event.resource_pre_event.metadata
            self._operations[step.urn].add(step.op.value)
            if step.keys:
                self._causes[step.urn] = list(step.keys)
            if step.new and step.new.custom:
                self._planned[step.urn] = step.new
        self._on_event(event)

    @property
    def planned(self) -> Sequence[Billed]:
        """The resources that there would be then."""
        return [
            Billed(type=new.type, name=urn.rpartition("::")[2], inputs=new.inputs or {})
            for urn, new in self._planned.items()
        ]

    def of_operation(self, operation: str) -> set[str]:
        return {urn for urn, found in self._operations.items() if operation in found}

    def count(self) -> dict[str, int]:
        counted = ("create", "delete", "replace", "same", "update")
        counts = {operation: len(self.of_operation(operation)) for operation in counted}
        return {operation: count for operation, count in counts.items() if count}

    def losses(self, state: StackState) -> list[DataLoss]:
        return [
            DataLoss(urn=urn, causes=self._causes.get(urn, ()))
            for urn in sorted(state.protected)
            if self._is_lost(self._operations.get(urn, {"delete"}))
        ]

    @staticmethod
    def _is_lost(operations: set[str]) -> bool:
        return bool(operations & {*_REPLACED, "delete"})
