"""Waiting for a condition, by a clock that only the wait moves."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from testkit.support.clock import ManualClock

from pilothouse.waiting import wait_until


def from_check(number: int) -> Callable[[], bool]:
    """A condition that holds from its check of that number on."""
    checks = iter(range(1, 1000))
    return lambda: next(checks) >= number


def test_a_condition_that_holds_is_checked_once_without_a_pause() -> None:
    time = ManualClock()
    assert wait_until(from_check(1), seconds=0.0, clock=time.clock)
    assert time.pauses == []


def test_a_condition_is_checked_after_every_pause_until_it_holds() -> None:
    time = ManualClock()
    assert wait_until(from_check(4), seconds=60.0, pause=5.0, clock=time.clock)
    assert time.pauses == [5.0] * 3


@pytest.mark.parametrize(("number", "holds"), [(4, True), (5, False)])
def test_the_last_check_is_at_the_end_of_the_time(number: int, holds: bool) -> None:
    time = ManualClock()
    found = wait_until(from_check(number), seconds=10.0, pause=4.0, clock=time.clock)
    assert found == holds
    assert time.pauses == [4.0, 4.0, 2.0]


def test_without_time_a_condition_is_checked_once() -> None:
    time = ManualClock()
    assert not wait_until(from_check(2), seconds=0.0, clock=time.clock)
    assert time.pauses == []


def test_an_error_of_the_condition_ends_the_wait() -> None:
    time = ManualClock()

    def fail() -> bool:
        raise ValueError("cannot be checked")

    with pytest.raises(ValueError, match="cannot be checked"):
        wait_until(fail, seconds=10.0, clock=time.clock)
    assert time.pauses == []


def test_the_default_clock_is_the_machines() -> None:
    assert wait_until(from_check(2), seconds=5.0, pause=0.001)
