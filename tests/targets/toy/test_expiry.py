"""An expired pilot can be healed, looked at and taken away; it cannot be made anew."""

from __future__ import annotations

import re

import pytest

from tests.targets.toy.toy_stack import ToyStack

pytestmark = pytest.mark.engine


def expire(stack: ToyStack) -> None:
    file = stack.project / "platform.yaml"
    file.write_text(re.sub("expires: [-0-9]+", "expires: 2020-01-01", file.read_text()))


def test_one_that_is_set_up_is_healed_and_taken_away(stack: ToyStack) -> None:
    stack.run("up")
    stack.things()["pipeline"].unlink()
    expire(stack)
    stack.run("up")
    assert len(stack.things()) == 4
    stack.run("verify")
    stack.run("preview", "--expect-no-changes")
    stack.pulumi("preview", "--expect-no-changes")
    stack.run("down", "--yes")
    assert list(stack.cloud.iterdir()) == []


def test_a_new_one_is_refused_by_the_command_and_by_raw_pulumi(stack: ToyStack) -> None:
    expire(stack)
    assert "pilot.expires: found 2020-01-01" in stack.run("up", expect=2)
    assert "pilot.expires: found 2020-01-01" in stack.run("preview", expect=2)
    stack.pulumi("stack", "init")
    stack.pulumi("preview", fails=True)
    assert not stack.cloud.exists()


@pytest.mark.parametrize("data", [(), ("--keep-data",)])
def test_a_nightly_down_waits_for_the_end_of_the_pilot_as_it_is_set_up(
    stack: ToyStack, data: tuple[str, ...]
) -> None:
    stack.run("up")
    before = stack.things()
    said = stack.run("down", "--if-expired", "--yes", *data)
    assert "the pilot goes on until 2027-12-31" in said
    expire(stack)
    assert "nothing was changed" in stack.run("down", "--if-expired", "--yes", *data)
    assert stack.things() == before
    stack.run("up")
    assert "ended on 2020-01-01" in stack.run("down", "--if-expired", "--yes", *data)
    assert len(stack.things()) < len(before)
    stack.run("down", "--if-expired", "--yes", *data)
