"""The end of a pilot is shown: what happens when, and what to do where it is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from typing_extensions import override

from pilothouse.lifecycle.commands import expiry
from pilothouse.lifecycle.stack import Stack
from tests.unit.lifecycle.still_stack import EmptyTarget, TextReport, still_stack

LAST_DAY = date(2027, 12, 31)


class Ending(EmptyTarget):
    """A target whose stacks end by themselves."""

    @override
    def stops_at_expiry(self) -> str:
        return "servers end, data stay"


def with_action(stack: Stack, action: str) -> Stack:
    platform = stack.plan.platform
    pilot = platform.pilot.model_copy(update={"at_expiry": action})
    return replace(
        stack,
        plan=replace(stack.plan, platform=platform.model_copy(update={"pilot": pilot})),
    )


@pytest.mark.parametrize(
    ("action", "shown"),
    [
        ("stop", "at the end of 2027-12-31 UTC: stop (servers end, data stay)"),
        ("tell", "at the end of 2027-12-31 UTC: tell (nothing ends; commands say that the pilot"),
    ],
)
def test_what_happens_on_the_last_day_is_shown(tmp_path: Path, action: str, shown: str) -> None:
    report = TextReport()
    stack = with_action(still_stack(tmp_path, Ending()), action)
    expiry.show(stack, report, LAST_DAY)
    assert report.lines[0].startswith(shown)
    assert report.told["at_expiry"]["action"] == action
    assert report.told["expires"] == "2027-12-31"


def test_where_nothing_can_stop_that_is_a_warning_with_the_remedy(tmp_path: Path) -> None:
    report = TextReport()
    expiry.show(still_stack(tmp_path), report, LAST_DAY)
    assert "at the end of 2027-12-31 UTC nothing ends by itself" in report.lines[0]
    assert "pilothouse down local" in report.lines[0]
    assert report.told["at_expiry"] == {"action": "stop", "stops": ""}


@pytest.mark.parametrize("action", ["stop", "tell"])
def test_a_pilot_that_is_over_is_a_warning_with_the_remedy(tmp_path: Path, action: str) -> None:
    report = TextReport()
    stack = with_action(still_stack(tmp_path, Ending()), action)
    expiry.show(stack, report, date(2028, 1, 1))
    assert "the pilot ended on 2027-12-31; set a later pilot.expires" in report.lines[0]
