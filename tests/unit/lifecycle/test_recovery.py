"""What a run made and could not record is removed before the engine runs again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from pilothouse.errors import PilothouseError
from pilothouse.lifecycle.engine.journal import Journal
from pilothouse.lifecycle.engine.state import StackState
from pilothouse.lifecycle.recovery import remove_orphans
from pilothouse.targets.interface import Operations, PendingCreate
from tests.unit.lifecycle.engine.test_journal import (
    END,
    SUBNET,
    VPC,
    began,
    begun,
    done,
    failed,
    run,
    urn,
)

RESOURCES = [{"urn": "urn:stack", "type": "pulumi:pulumi:Stack"}]
STATE = StackState(exists=True, resources=RESOURCES)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal" / "aws.json")


class Asked:
    """Operations that only say what they were asked to remove."""

    def __init__(self, error: PilothouseError | None = None) -> None:
        self.error = error
        self.calls: list[tuple[Sequence[PendingCreate] | None, Sequence[Mapping[str, Any]]]] = []

    def remove_orphans(
        self, pending: Sequence[PendingCreate] | None, recorded: Sequence[Mapping[str, Any]]
    ) -> list[str]:
        self.calls.append((pending, recorded))
        if self.error:
            raise self.error
        return ["a subnet"]


def recovered(journal: Journal, asked: Asked, state: StackState) -> list[str]:
    return remove_orphans(journal, cast("Operations", asked), state)


def test_the_target_removes_what_failed_and_the_journal_is_done_with(journal: Journal) -> None:
    run(journal, begun(SUBNET), failed(SUBNET), END)
    asked = Asked()
    assert recovered(journal, asked, STATE) == ["a subnet"]
    assert asked.calls == [(list(began(SUBNET)), RESOURCES)]
    assert journal.unfinished() == ()


def test_what_the_state_knows_to_have_begun_is_removed_too(journal: Journal) -> None:
    pending = [
        {"type": "creating", "resource": {"urn": urn(VPC), "type": VPC}},
        {"type": "deleting", "resource": {"urn": urn(SUBNET), "type": SUBNET}},
    ]
    asked = Asked()
    recovered(journal, asked, replace(STATE, pending_operations=pending))
    assert asked.calls == [(list(began(VPC)), RESOURCES)]


def test_after_a_killed_run_the_target_has_to_look_for_everything(journal: Journal) -> None:
    run(journal, begun(VPC))
    asked = Asked()
    recovered(journal, asked, STATE)
    assert [known for known, _ in asked.calls] == [None]


def test_after_a_good_run_nothing_is_looked_for(journal: Journal) -> None:
    run(journal, begun(VPC), done(VPC), END)
    asked = Asked()
    assert recovered(journal, asked, STATE) == []
    assert not asked.calls


def test_without_a_state_nothing_can_have_been_made(journal: Journal) -> None:
    run(journal, begun(VPC))
    asked = Asked()
    assert recovered(journal, asked, StackState(exists=False)) == []
    assert not asked.calls
    assert not journal.path.exists()


def test_what_could_not_be_removed_is_tried_again_next_time(journal: Journal) -> None:
    run(journal, begun(VPC), failed(VPC), END)
    with pytest.raises(PilothouseError, match="holds objects"):
        recovered(journal, Asked(PilothouseError("the bucket holds objects")), STATE)
    assert journal.unfinished() == began(VPC)
