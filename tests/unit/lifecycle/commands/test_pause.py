"""Before a pause it is shown what stops, what is lost and what a resume takes; verify sees it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typing_extensions import override

from pilothouse.lifecycle.commands import pause, verify
from pilothouse.lifecycle.proof.verify import NotProved
from pilothouse.targets.interface import ServiceStatus
from tests.unit.lifecycle.commands.test_expiry import LAST_DAY
from tests.unit.lifecycle.still_stack import EmptyTarget, TextReport, still_stack


class Paused(EmptyTarget):
    """A target of which one service is stopped, and the other is lost in a pause."""

    no_pause = ""

    @override
    def services(self) -> list[ServiceStatus]:
        return [
            ServiceStatus(name="scheduler", state="running"),
            ServiceStatus(name="tracking", state="stopped", detail="it is paused"),
        ]

    @override
    def lost_in_pause(self) -> str:
        return "the history of runs is deleted"

    @override
    def resume_takes(self) -> str:
        return "20 to 30 minutes"


def test_what_stops_what_is_lost_and_what_it_takes_is_shown(tmp_path: Path) -> None:
    report = TextReport()
    pause.show(still_stack(tmp_path, Paused()), report, LAST_DAY)
    said = "\n".join(report.lines)
    assert "would stop: scheduler\n" in said
    assert "the history of runs is deleted" in said
    assert "`resume` starts it again, which takes 20 to 30 minutes" in said
    assert report.told["stops"] == ["scheduler"]
    assert report.told["lost"] == "the history of runs is deleted"


def test_a_stack_of_which_anything_is_stopped_is_not_proved(tmp_path: Path) -> None:
    with pytest.raises(NotProved, match="tracking: it is paused\nrun `pilothouse resume local`"):
        verify.run(still_stack(tmp_path, Paused()), TextReport())
