"""How long one run of the engine may wait: a line where nothing happens, an end after a limit.

A plugin's own timeout may never come: where each sign of the thing that it waits for starts the
time anew, or where the plugin itself hangs.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pilothouse.lifecycle.engine import interrupts
from pilothouse.lifecycle.engine.progress import is_real

if TYPE_CHECKING:
    from pulumi.automation.events import EngineEvent, StepEventMetadata

    from pilothouse.lifecycle.engine.diagnostics import Diagnostics
    from pilothouse.targets.interface import OperationLimit

SILENCE = 60.0  # seconds without an event until a line says what is waited for
PERIOD = 1.0  # seconds between two looks at the clock
ENDING = (
    (0.0, interrupts.interrupt_engines),
    (30.0, interrupts.interrupt_engines),
    (30.0 + interrupts.GRACE, interrupts.end_plugins),
)
"""What ends an engine, and how many seconds after the limit."""

LimitOf = Callable[[str, str], "OperationLimit | None"]
"""The limit of an operation, by the type of its resource and its own name, such as `create`."""


@dataclass(frozen=True, kw_only=True)
class OpenOperation:
    """An operation that began, at `began` of the monotonic clock, and has not ended."""

    resource: str
    name: str
    began: float
    limit: OperationLimit | None

    def __str__(self) -> str:
        return f"the {self.name} of {self.resource}"


@dataclass(frozen=True, kw_only=True)
class Overdue:
    """The operation that took longer than its limit, which ended the run."""

    operation: OpenOperation
    limit: OperationLimit

    def __str__(self) -> str:
        return (
            f"{self.operation} has not ended within its limit of {self.limit.seconds:g} s, "
            "so the engine was interrupted"
        )


class Patience:
    """Listens to the events of one run, and looks at the clock in a thread; a context manager.

    `program` is what the engine runs. `report` gets a line at each silence, and again whenever that
    has doubled.
    """

    def __init__(
        self,
        program: Path,
        said: Diagnostics,
        limit_of: LimitOf,
        report: Callable[[str], None],
    ) -> None:
        self.overdue: Overdue | None = None
        self._program, self._said, self._limit_of, self._report = program, said, limit_of, report
        self._open: dict[str, OpenOperation] = {}
        self._heard, self._silence = time.monotonic(), SILENCE
        self._overdue_since = 0.0
        self._ending = deque(ENDING)
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look_until_ended, daemon=True)

    def __enter__(self) -> Patience:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()

    def note(self, event: EngineEvent) -> None:
        """Keep which operations are open; what a plugin says while it waits breaks no silence."""
        if event.diagnostic_event and event.diagnostic_event.ephemeral:
            return
        with self._lock:
            self._heard, self._silence = time.monotonic(), SILENCE
            if event.resource_pre_event:
                self._begin(event.resource_pre_event.metadata)
            elif event.res_outputs_event:
                self._open.pop(event.res_outputs_event.metadata.urn, None)
            elif event.res_op_failed_event:
                self._open.pop(event.res_op_failed_event.metadata.urn, None)

    def _begin(self, step: StepEventMetadata) -> None:
        if not is_real(step):
            return
        kind, name = step.type.rpartition(":")[2], step.urn.rpartition("::")[2]
        self._open[step.urn] = OpenOperation(
            resource=f"{kind} {name}",
            name=step.op.value,
            began=time.monotonic(),
            limit=self._limit_of(step.type, step.op.value),
        )

    def _look_until_ended(self) -> None:
        while not self._ended.wait(PERIOD):
            with self._lock:
                operations = list(self._open.values())
                silent = time.monotonic() - self._heard
            if silent >= self._silence:
                self._silence *= 2
                self._report(self._describe(operations, silent))
            self._end_if_overdue(operations)

    def _describe(self, operations: Sequence[OpenOperation], silent: float) -> str:
        log = f"; the output so far is in {self._said.log}" if self._said.is_logged else ""
        return f"no news for {silent:.0f} s: {self._waiting(operations)}; Ctrl-C ends it{log}"

    def _waiting(self, operations: Sequence[OpenOperation]) -> str:
        if operations:
            return f"waiting for {', '.join(map(str, operations))}"
        running = ", ".join(interrupts.engine_parts())
        if not running:
            return "the engine (`pulumi`) has not answered"
        return (
            f"the program {self._program}, what it imports, or a plugin of the engine has not "
            f"answered (running: {running})"
        )

    def _end_if_overdue(self, operations: Sequence[OpenOperation]) -> None:
        now = time.monotonic()
        if not self.overdue:
            self.overdue = _first_overdue(operations, now)
            if not self.overdue:
                return
            self._overdue_since = now
            self._report(str(self.overdue))
        while self._ending and now - self._overdue_since >= self._ending[0][0]:
            _, end = self._ending.popleft()
            end()


def _first_overdue(operations: Sequence[OpenOperation], now: float) -> Overdue | None:
    for operation in operations:
        if operation.limit and now - operation.began > operation.limit.seconds:
            return Overdue(operation=operation, limit=operation.limit)
    return None
