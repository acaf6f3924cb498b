"""The team's workload as services run it: its definition, and its runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from pilothouse.config.quantities import seconds_of
from pilothouse.config.workload import Workload

DAG_ID = "workload"
BEGINS, ENDS = "pilothouse: step begins", "pilothouse: step ends"
"""The first and the last line of a step's log, as `run_step.py` says them."""
CONF_KEY = "pilothouse"
"""The key of a run's `conf` that is ours, as `run_step.py` knows it; the others are parameters."""
CURRENT_PACKAGE, OWN_OUTPUTS = "current", "own"
"""What `run_step.py` reads in a variable for the delivered package and for the run itself."""
RUN_STEP = Path(__file__).parent / "programs" / "run_step.py"


def definition(workload: Workload) -> dict[str, Any]:
    """The document that the DAG and `run_step.py` read; no secret is in it."""
    steps = {
        name: {
            "command": step.command,
            "needs": step.needs,
            "retries": step.retries,
            "timeout": seconds_of(step.timeout),
        }
        for name, step in ((name, workload.step(name)) for name in workload.order)
    }
    document = {
        "dag": DAG_ID,
        "parameters": workload.parameters,
        "schedule": workload.schedule,
        "secrets": workload.secrets,
        "steps": steps,
    }
    return {**document, "description": description(document)}


def submission(workload: Workload | None) -> dict[str, str]:
    """What the contract says of the workload: its DAG, and the definition that this has."""
    if workload is None:
        return {}
    return {"workload": DAG_ID, "definition": str(definition(workload)["description"])}


def description(document: Mapping[str, Any]) -> str:
    """The DAG's description, by which it is known to have this definition."""
    digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:12]
    return f"The steps of workload in platform.yaml, as defined in {digest}"


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """What a run is started with.

    token: marks all that the run makes. package: the digest of a delivered package. parameters:
    those that differ from their defaults. steps: those that are to run; empty for all. inputs: the
    run whose outputs the steps find; "" for its own.
    """

    token: str
    package: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    steps: Sequence[str] = ()
    inputs: str = ""


@dataclass(frozen=True, kw_only=True)
class StepRun:
    """A step of a run in its orchestrator's words; `tries` are those that have begun.

    is_over: whether the last of them has ended, so that its log can be shown.
    """

    name: str
    state: str
    tries: int
    started: str = ""
    ended: str = ""
    is_over: bool = False


@dataclass(frozen=True, kw_only=True)
class WorkloadRun:
    """A run in its orchestrator's words; times are in ISO 8601, "" where it is not known yet."""

    name: str
    state: str
    ended: bool
    succeeded: bool
    started: str = ""
    finished: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)
    steps: Sequence[StepRun] = ()


class WorkloadRuns(Protocol):
    """A way to run the team's workload, and to see how its runs stand."""

    def start(self, request: RunRequest, definition: str) -> str:
        """Start a run once the orchestrator has the workload with this description; its name.

        Raises PilothouseError where it does not get that.
        """

    def recent(self, limit: int) -> list[WorkloadRun]:
        """The newest runs, the newest first, without their steps."""

    def look(self, run: str) -> WorkloadRun:
        """A run with its steps; Refused where there is none of that name."""

    def log(self, run: str, step: StepRun) -> list[str]:
        """The log of a step's last try, as far as the orchestrator has it."""

    def cancel(self, run: str) -> None:
        """End a run and what runs of it."""


def lines_of_step(lines: Sequence[str]) -> list[str]:
    """The lines between the step's first and its last one, which its exit code may be in."""
    begins = [number for number, line in enumerate(lines) if line == BEGINS]
    ends = [number for number, line in enumerate(lines) if line.startswith(ENDS)]
    if not begins:
        return [*lines]
    return [*lines[begins[0] + 1 : ends[-1] + 1 if ends else None]]


def is_complete(lines: Sequence[str]) -> bool:
    """Whether the log of a step has its last line."""
    return any(line.startswith(ENDS) for line in lines)
