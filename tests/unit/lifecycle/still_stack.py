"""A stack on which nothing runs: a target that finds nothing, an engine that is never started."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from rich.console import Console
from typing_extensions import override

from pilothouse.contract import CAPABILITIES, Capability
from pilothouse.lifecycle.engine.automation import Engine
from pilothouse.lifecycle.engine.backend_locks import Lock
from pilothouse.lifecycle.engine.state import StackState
from pilothouse.lifecycle.report import Report
from pilothouse.lifecycle.stack import Stack
from pilothouse.plan import Plan
from pilothouse.targets.interface import Leftover, Operations, ServiceStatus

EXAMPLE = Path(__file__).parents[3] / "examples" / "minimal.yaml"
CAPABILITY: Capability[str] = Capability(
    uri="here", console="http://127.0.0.1:1", login={"username": "admin", "password": "hush"}
)


class EmptyTarget(Operations):
    """Operations that find nothing, of a plan that is never read."""

    leftover_kinds = ("volume", "server")

    def __init__(self) -> None:
        super().__init__(cast("Plan", None))

    @override
    def services(self) -> list[ServiceStatus]:
        return []

    @override
    def logs(self, service: str, lines: int) -> Iterable[str]:
        return []

    @override
    def clean_up(self, *, keep_data: bool) -> None:
        return

    @override
    def leftovers(self, *, keep_data: bool) -> list[Leftover]:
        return []


class StillEngine(Engine):
    """Has this state, and these stale locks at first."""

    unfinished = ""

    def __init__(self, state: StackState, *stale: Lock) -> None:
        self.known, self.stale = state, list(stale)

    @override
    def unfinished_command(self) -> str:
        return self.unfinished

    @override
    def state(self) -> StackState:
        return self.known

    @override
    def clear_stale_locks(self, on_wait: Callable[[Lock], None]) -> list[Lock]:
        cleared, self.stale = self.stale, []
        return cleared

    @override
    def outputs(self) -> dict[str, Any]:
        return {"contract": {name: CAPABILITY.exported() for name in CAPABILITIES}}


class TextReport(Report):
    """Keeps its text and its document."""

    def __init__(self) -> None:
        super().__init__(as_json=False)
        self._file = io.StringIO()
        self.console = Console(file=self._file, soft_wrap=True)
        self.told: dict[str, Any] = {}

    @override
    def document(self, document: Mapping[str, Any]) -> None:
        self.told |= document

    @property
    def lines(self) -> list[str]:
        """What was printed."""
        return self._file.getvalue().splitlines()


def write_project(folder: Path, more: str = "") -> Path:
    """A project with the stack `local`, and with `more` in its platform.yaml."""
    (folder / "Pulumi.yaml").write_text("name: pilothouse\n")
    (folder / "platform.yaml").write_text(EXAMPLE.read_text() + more)
    (folder / "stacks").mkdir()
    (folder / "stacks" / "Pulumi.local.yaml").write_text("config: {pilothouse:target: local}\n")
    return folder


def still_stack(
    folder: Path,
    operations: Operations | None = None,
    *stale: Lock,
    state: StackState = StackState(exists=False),  # noqa: B008 - it is frozen
    more: str = "",
) -> Stack:
    """The stack `local` of a new project in `folder`, on another target."""
    opened = Stack.open(write_project(folder, more), "local", today=None)
    return replace(
        opened, operations=operations or EmptyTarget(), engine=StillEngine(state, *stale)
    )
