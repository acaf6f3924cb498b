"""A pause on this machine: nothing runs, everything is kept, and `up` starts it again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from testkit.support.stacks import MINIMAL, Stack, local_stack

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
    assert "services would stop" in said
    assert "`pilothouse up pilot` resumes it" in said.replace("\n", " ")
    assert processes_and_ports(pilot) == []
    assert pilot.home.exists()
    assert "no service is running; run `pilothouse up pilot`" in pilot.run("status", expect=1)
    pilot.run("up")
    assert own_command(pilot, "airflow", "pools", "get", "kept").returncode == 0
    commands = pilot.json("compare")["stacks"][0]["measured"]
    assert commands["repaired"]["count"] == 1
