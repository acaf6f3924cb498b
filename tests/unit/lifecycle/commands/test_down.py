"""`down` shows what would be deleted, from the state and by looking, and then deletes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest
from typing_extensions import override

from pilothouse.lifecycle.commands import down
from pilothouse.lifecycle.engine.state import StackState
from pilothouse.lifecycle.teardown import LeftoversFound
from pilothouse.targets.interface import Leftover
from tests.unit.lifecycle.still_stack import EmptyTarget, TextReport, still_stack

Verdict = Literal["present", "kept", "pending", "unknown"]
STATE = StackState(
    exists=True,
    resources=[
        {"urn": "stack", "type": "pulumi:pulumi:Stack"},
        {"urn": "volume", "type": "volume", "custom": True},
        {"urn": "server", "type": "server", "custom": True},
    ],
)


class Left(EmptyTarget):
    """A target with leftovers of these verdicts, by kind."""

    def __init__(self, **found: tuple[Verdict, ...]) -> None:
        super().__init__()
        self.found = [
            Leftover(kind=kind, name=f"{kind}-{number}", verdict=verdict)
            for kind, verdicts in found.items()
            for number, verdict in enumerate(verdicts)
        ]

    @override
    def leftovers(self, *, keep_data: bool) -> list[Leftover]:
        return self.found


def test_what_would_be_deleted_is_shown_in_numbers(tmp_path: Path) -> None:
    target = Left(process=("present", "present"), policy=("present",), volume=("kept", "kept"))
    stack, report = still_stack(tmp_path, target, state=STATE), TextReport()
    assert down.show(stack, report, keep_data=True) is STATE
    assert report.lines == [
        "local: the state has 3 resources",
        "found on this target:",
        "  1 policy to be deleted: policy-0",
        "  2 processes to be deleted: process-0, process-1",
        "  2 volumes kept: volume-0, volume-1",
    ]


SIX: tuple[Verdict, ...] = ("present", "present", "present", "present", "present", "present")


def test_of_many_things_only_the_number_is_shown(tmp_path: Path) -> None:
    report = TextReport()
    down.show(still_stack(tmp_path, Left(process=SIX), state=STATE), report, keep_data=False)
    assert report.lines[-1] == "  6 processes to be deleted"


class LeftByPeople(Left):
    """A target on which people make notes."""

    named_kinds = frozenset({"note"})


def test_what_people_made_is_named_however_much_it_is(tmp_path: Path) -> None:
    report = TextReport()
    target = LeftByPeople(note=SIX)
    down.show(still_stack(tmp_path, target, state=STATE), report, keep_data=False)
    assert report.lines[-1].endswith("note-4, note-5")


def test_what_is_scheduled_or_cannot_be_looked_up_is_not_said_to_be_deleted(tmp_path: Path) -> None:
    target = Left(bucket=("unknown",), key=("pending", "present"))
    report = TextReport()
    down.show(still_stack(tmp_path, target, state=STATE), report, keep_data=False)
    assert report.lines[2:] == [
        "  bucket: could not be looked up, so any number may exist",
        "  1 key whose deletion is scheduled: key-0",
        "  1 key to be deleted: key-1",
    ]


def test_a_stack_that_does_not_exist_has_no_resources(tmp_path: Path) -> None:
    report = TextReport()
    state = down.show(still_stack(tmp_path), report, keep_data=False)
    assert not state.exists
    assert report.lines == [
        "local: the state has 0 resources",
        "nothing was found on this target",
    ]


def test_the_proof_is_reported(tmp_path: Path) -> None:
    stack, report = still_stack(tmp_path, Left(volume=("kept",))), TextReport()
    down.run(stack, report, StackState(exists=False), keep_data=True)
    kept: list[dict[str, Any]] = report.told["kept"]
    assert report.told["looked_for"] == ["volume", "server"]
    assert [(item["name"], item["verdict"]) for item in kept] == [("volume-0", "kept")]
    assert report.lines == ["✓ gone no volume, no server of it is left", "kept volume volume-0"]


def test_a_leftover_fails_it(tmp_path: Path) -> None:
    stack, report = still_stack(tmp_path, Left(volume=("present",))), TextReport()
    with pytest.raises(LeftoversFound, match="present: volume volume-0"):
        down.run(stack, report, StackState(exists=False), keep_data=False)
    assert report.told == {}
