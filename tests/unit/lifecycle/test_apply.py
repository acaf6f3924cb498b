"""What goes before every run of the engine: locks, the state, what an earlier run left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from pilothouse.errors import PilothouseError
from pilothouse.lifecycle.apply import apply, read_state, recover
from pilothouse.lifecycle.engine.automation import Applied, EngineFailed, OnEvent
from pilothouse.lifecycle.engine.backend_locks import Lock
from pilothouse.lifecycle.engine.state import StackState
from pilothouse.targets.interface import PendingCreate, ServiceStatus
from tests.unit.lifecycle.still_stack import EmptyTarget, StillEngine, TextReport, still_stack

CREATING = {"type": "creating", "resource": {"urn": "urn:subnet", "type": "subnet"}}
REASON = "0 of 1 ready; mlflow-1: FailedMount secret team-ca not found"
STATE = StackState(exists=True, pending_operations=[CREATING])


class Orphaned(EmptyTarget):
    """A target that removes what it is told of."""

    @override
    def remove_orphans(
        self, pending: Sequence[PendingCreate] | None, recorded: Sequence[Mapping[str, Any]]
    ) -> list[str]:
        return [create.type for create in pending or ()]


def test_a_removed_lock_is_reported_with_its_process(tmp_path: Path) -> None:
    stale = Lock(path=tmp_path / "lock.json", pid=7, host="here", since=0.0)
    report = TextReport()
    assert read_state(still_stack(tmp_path, None, stale, state=STATE), report) is STATE
    assert report.lines == [
        "removed the stale lock of process 7 on here (the process no longer exists)"
    ]


def test_what_was_removed_is_reported(tmp_path: Path) -> None:
    report = TextReport()
    recover(still_stack(tmp_path, Orphaned()), report, STATE)
    assert report.lines == ["removed subnet: an earlier run made it and could not record it"]


class Unready(EmptyTarget):
    """A target with a service that cannot start, and one that runs; `error` where it is unknown."""

    error: PilothouseError | None = None

    @override
    def services(self) -> list[ServiceStatus]:
        if self.error:
            raise self.error
        return [
            ServiceStatus(name="mlflow", state="failed", detail=REASON),
            ServiceStatus(name="postgres", state="running"),
        ]


class TiredEngine(StillEngine):
    """Ends its wait without a reason."""

    @override
    def up(self, on_event: OnEvent, variables: Mapping[str, str], state: StackState) -> Applied:
        raise EngineFailed("the wait has ended")


@pytest.mark.parametrize(
    ("error", "reasons"),
    [(None, [f"mlflow does not get ready: {REASON}"]), (PilothouseError("no answer"), [])],
)
def test_an_up_that_fails_names_the_reasons_of_services(
    tmp_path: Path, error: PilothouseError | None, reasons: list[str]
) -> None:
    target = Unready()
    target.error = error
    stack = replace(still_stack(tmp_path, target), engine=TiredEngine(STATE))
    with pytest.raises(EngineFailed) as caught:
        apply(stack, TextReport(), StackState(exists=False), "setting up")
    assert str(caught.value).splitlines() == [*reasons, "the wait has ended"]
