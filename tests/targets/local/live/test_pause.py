"""A pause, and the end of a pilot: nothing runs, all is kept, and `resume` starts it again."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from testkit.support.stacks import MINIMAL, Stack, local_stack
from testkit.support.waiting import eventually

from pilothouse.targets.local.components.foundation import EXPIRY
from pilothouse.targets.local.processes import expiry_timer, supervision
from pilothouse.targets.local.processes.process_environment import working_folder
from tests.targets.local.live.test_workload import own_command

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def pilot() -> Iterator[Stack]:
    with local_stack("pilot", MINIMAL) as stack:
        stack.run("up")
        yield stack
        stack.run("down", "--yes")
        assert stack.traces() == []


def processes_and_ports(stack: Stack) -> list[str]:
    return [trace for trace in stack.traces() if trace.startswith(("process ", "port "))]


def test_a_paused_stack_runs_nothing_and_goes_on_with_its_data(pilot: Stack) -> None:
    pool = ("pools", "set", "kept", "3", "over a pause")
    assert own_command(pilot, "airflow", *pool).returncode == 0
    assert "pass --yes to pause the stack" in pilot.run("pause", expect=2)
    assert processes_and_ports(pilot)
    said = pilot.run("pause", "--yes")
    assert "would stop: " in said
    assert "`pilothouse resume pilot` starts it again" in said.replace("\n", " ")
    assert processes_and_ports(pilot) == []
    assert pilot.home.exists()
    assert "no service is running; run `pilothouse up pilot`" in pilot.run("status", expect=1)
    pilot.run("resume")
    assert own_command(pilot, "airflow", "pools", "get", "kept").returncode == 0


def test_a_stack_whose_last_day_is_over_stops_by_itself_and_can_be_resumed(pilot: Stack) -> None:
    pool = ("pools", "set", "left", "4", "over the end")
    assert own_command(pilot, "airflow", *pool).returncode == 0
    assert pilot.json("preview")["at_expiry"]["action"] == "stop"
    supervision.stop_program(pilot.home, EXPIRY)
    let_it_be_over(working_folder(pilot.home, EXPIRY) / expiry_timer.FILE)
    supervision.start_program(pilot.home, EXPIRY)
    eventually(lambda: processes_and_ports(pilot) == [], seconds=120)
    assert "no service is running" in pilot.run("status", expect=1)
    said = (pilot.home / "log" / "expiry.log").read_text()
    assert "stopping the stack, whose data are kept" in said
    pilot.run("resume")
    assert own_command(pilot, "airflow", "pools", "get", "left").returncode == 0
    assert "stop (the services end" in pilot.run("status").replace("\n", " ")


def let_it_be_over(file: Path) -> None:
    """Have the timer's file as an `up` of yesterday, which was the last day, would have left it."""
    yesterday = datetime.now(UTC) - timedelta(days=1)
    file.write_text(json.dumps({"expires": yesterday.date().isoformat()}))
    os.utime(file, (yesterday.timestamp(), yesterday.timestamp()))
