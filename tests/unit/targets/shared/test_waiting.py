"""A condition is asked for until it holds or the time is over."""

from __future__ import annotations

import pytest
from testkit.support.clock import ManualClock

from pilothouse.targets.shared.waiting import wait_until


def test_a_condition_that_holds_is_asked_once() -> None:
    time = ManualClock()
    assert wait_until(lambda: True, seconds=0, clock=time.clock)
    assert time.pauses == []


def test_a_condition_is_asked_again_after_each_pause() -> None:
    time = ManualClock()
    assert wait_until(lambda: time.seconds >= 6, seconds=60, pause=2, clock=time.clock)
    assert time.pauses == [2, 2, 2]


def test_a_condition_that_never_holds_is_given_up_when_the_time_is_over() -> None:
    time = ManualClock()
    assert not wait_until(lambda: False, seconds=3, clock=time.clock)
    assert time.pauses == [1, 1, 1]


def test_what_the_condition_raises_is_raised() -> None:
    def fail() -> bool:
        raise KeyError("gone")

    with pytest.raises(KeyError, match="gone"):
        wait_until(fail, seconds=1, clock=ManualClock().clock)
