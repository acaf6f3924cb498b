"""What goes before every run of the engine: locks, the state, what an earlier run left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from typing_extensions import override

from pilothouse.lifecycle.apply import read_state, recover
from pilothouse.lifecycle.engine.backend_locks import Lock
from pilothouse.lifecycle.engine.state import StackState
from pilothouse.targets.interface import PendingCreate
from tests.unit.lifecycle.still_stack import EmptyTarget, TextReport, still_stack

CREATING = {"type": "creating", "resource": {"urn": "urn:subnet", "type": "subnet"}}
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
