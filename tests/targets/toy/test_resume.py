"""`resume` starts a stack again as its last `up` made it, and makes no change of the files."""

from __future__ import annotations

import re

import pytest

from tests.targets.toy.toy_stack import ToyStack

pytestmark = pytest.mark.engine


def test_what_has_gone_comes_back_and_a_second_time_nothing_changes(stack: ToyStack) -> None:
    stack.run("up")
    before = stack.things()
    before["pipeline"].unlink()
    assert "pilot is resumed" in stack.run("resume")
    assert set(stack.things()) == set(before)
    assert set(stack.json("resume")["changes"]) == {"same"}


def test_files_that_have_changed_are_refused_and_change_nothing(stack: ToyStack) -> None:
    stack.run("up")
    stack.things()["pipeline"].unlink()
    before = stack.contents()
    file = stack.project / "platform.yaml"
    file.write_text(re.sub("monthlyBudget: .*", "monthlyBudget: 499", file.read_text()))
    said = stack.run("resume", expect=2).replace("\n", " ")
    assert "`pilothouse up pilot` makes that and starts it again" in said
    assert stack.contents() == before
    stack.run("up")
    stack.run("resume")


def test_a_stack_that_is_not_set_up_is_refused(stack: ToyStack) -> None:
    assert "pilothouse up pilot" in stack.run("resume", expect=2)
    assert not stack.cloud.exists()
