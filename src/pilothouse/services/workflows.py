"""A run of the workload as whoever waits for it sees it, whatever the orchestrator."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pilothouse.errors import PilothouseError


@dataclass(frozen=True, kw_only=True)
class Run:
    """How a run stands, in its orchestrator's own words.

    name: where people find it. steps: each step with its state. token: the one that it was
    started with, which is told of once it has ended. reason: why it failed, if that is known.
    """

    name: str
    steps: str
    state: str
    ended: bool = False
    succeeded: bool = False
    token: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class RunTimeouts:
    """How long to wait, in seconds.

    limit: for a run. poll: between two polls. ready: until a new workload can be started.
    """

    limit: float
    poll: float
    ready: float


class WorkflowClient(Protocol):
    """A way to have the workload run."""

    @property
    def timeouts(self) -> RunTimeouts:
        """How long things take here."""

    def start(self, token: str) -> str:
        """Start a run that carries `token`; return what `look` knows it by."""

    def look(self, run: str) -> Run | None:
        """How the run stands; None while the orchestrator can't be asked."""


def wait_for_run(runs: WorkflowClient, run: str, *, look: Callable[[str], None]) -> Run:
    """Wait for a run to end; `look` gets its steps at every poll and may raise.

    Raises PilothouseError if it takes longer than its timeouts allow.
    """
    deadline = time.monotonic() + runs.timeouts.limit
    steps = ""
    while True:
        found = runs.look(run)
        steps = found.steps if found else steps
        look(steps)
        if found and found.ended:
            return found
        if time.monotonic() > deadline:
            raise PilothouseError(
                f"run {run} has not ended after {runs.timeouts.limit:.0f} s; its steps: "
                f"{steps or 'none'}. See the log of the step that still runs, then run verify again"
            )
        time.sleep(runs.timeouts.poll)
