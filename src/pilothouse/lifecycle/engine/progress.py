"""The engine's progress, line by line; in a terminal also what it is waiting for."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from pilothouse.lifecycle.engine.diagnostics import plain

if TYPE_CHECKING:
    from pulumi.automation.events import DiagnosticEvent, EngineEvent, StepEventMetadata

_SIGNS = {
    "create": ("+", "green", "created"),
    "update": ("~", "yellow", "updated"),
    "replace": ("±", "yellow", "replaced"),
    "create-replacement": ("+", "yellow", "created anew"),
    "delete-replaced": ("-", "yellow", "deleted in its old form"),
    "delete": ("-", "red", "deleted"),
    "refresh": ("·", "dim", "refreshed"),
}
_KEPT = ("·", "green", "kept")
_QUIET = {"same", "refresh", "read"}
_CHANGES = {"update", "replace"}
# A replacement is one change of a plan, and two operations of a run.
_QUIET_IN_PREVIEW = _QUIET | {"create-replacement", "delete-replaced"}
_QUIET_IN_RUN = _QUIET | {"replace"}


class Progress:
    """Listens to the engine's events; a context manager that owns the status line.

    With `preview` it reports what would be done, without the time it took. The data of resources
    of the kinds in `kept` stay when the engine deletes them.
    """

    def __init__(
        self,
        console: Console,
        title: str,
        *,
        preview: bool = False,
        kept: Collection[str] = (),
    ) -> None:
        self._console, self._title, self._preview = console, title, preview
        self._kept = kept
        self._running: dict[str, float] = {}
        self._warned: set[str] = set()
        self._status = console.status(title) if console.is_terminal else None

    def __enter__(self) -> Progress:
        if self._status:
            self._status.start()
        return self

    def __exit__(self, *_error: object) -> None:
        if self._status:
            self._status.stop()

    def __call__(self, event: EngineEvent) -> None:
        if event.resource_pre_event:
            self._start(event.resource_pre_event.metadata)
        elif event.res_outputs_event:
            self._finish(event.res_outputs_event.metadata)
        elif event.res_op_failed_event:
            self._fail(event.res_op_failed_event.metadata)
        elif event.diagnostic_event and _is_lasting_warning(event.diagnostic_event):
            self._warn(plain(event.diagnostic_event))

    def note(self, text: str) -> None:
        """A line of our own."""
        self._console.print(escape(text), highlight=False)

    def _start(self, step: StepEventMetadata) -> None:
        quiet = _QUIET_IN_PREVIEW if self._preview else _QUIET_IN_RUN
        if step.op.value not in quiet and is_real(step):
            self._running[step.urn] = time.monotonic()
            self._show()

    def _finish(self, step: StepEventMetadata) -> None:
        began = self._running.pop(step.urn, None)
        if began is None:
            return
        sign, colour, word = self._sign(step)
        word = f"would be {word}" if self._preview else word
        changed = f" ({', '.join(step.diffs)})" if step.diffs and step.op.value in _CHANGES else ""
        seconds = "" if self._preview else f" [dim]{time.monotonic() - began:.1f} s[/]"
        self._console.print(
            f"[{colour}]{sign}[/] {_kind(step)} [bold]{_name(step)}[/] {word}{escape(changed)}"
            f"{seconds}",
            highlight=False,
        )
        self._show()

    def _sign(self, step: StepEventMetadata) -> tuple[str, str, str]:
        if step.op.value == "delete" and _kind(step) in self._kept:
            return _KEPT
        return _SIGNS.get(step.op.value, ("·", "dim", step.op.value))

    def _fail(self, step: StepEventMetadata) -> None:
        self._running.pop(step.urn, None)
        self._console.print(
            f"[red]✗[/] {_kind(step)} [bold]{_name(step)}[/] failed", highlight=False
        )
        self._show()

    def _warn(self, message: str) -> None:
        if message not in self._warned:  # each process of a plugin reports the same of itself
            self._warned.add(message)
            self._console.print(f"[yellow]![/] {escape(message)}", highlight=False)
            self._show()

    def _show(self) -> None:
        if self._status:
            waiting = ", ".join(urn.rpartition("::")[2] for urn in self._running)
            self._status.update(f"{self._title} {waiting}"[: self._console.width - 4])


def _is_lasting_warning(diagnostic: DiagnosticEvent) -> bool:
    """Whether it is a warning, and none of a state that passes while the engine waits."""
    return diagnostic.severity == "warning" and not diagnostic.ephemeral


def is_real(step: StepEventMetadata) -> bool:
    """Whether the step is for a thing; components and providers only group them."""
    kind = step.type.partition(":")[0]
    return kind not in ("pilothouse", "pulumi")


def _kind(step: StepEventMetadata) -> str:
    return step.type.rpartition(":")[2]


def _name(step: StepEventMetadata) -> str:
    return step.urn.rpartition("::")[2]
