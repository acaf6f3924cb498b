"""Interrupts: at once where no engine runs, after its end where one does."""

import os
import signal

import pytest

from pilothouse.lifecycle.engine import interrupts
from pilothouse.lifecycle.engine.interrupts import SIGNALS, STOPPING, Interrupts


def interrupted(said: list[str], number: signal.Signals) -> None:
    with Interrupts(said.append).handled():
        os.kill(os.getpid(), number)
        said.append("went on")


def interrupted_twice_beside_an_engine(said: list[str], number: signal.Signals) -> None:
    with Interrupts(said.append).handled(), interrupts.after_engine():
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
        said.append("went on")
        raise RuntimeError("update canceled")


@pytest.mark.parametrize("number", SIGNALS)
def test_without_an_engine_an_interrupt_is_raised_at_once(number: signal.Signals) -> None:
    said: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted(said, number)
    assert said == []


@pytest.mark.parametrize("number", SIGNALS)
def test_an_engine_ends_first_and_a_line_says_so_at_once(number: signal.Signals) -> None:
    """The interrupt goes before the error of the engine, which it has caused."""
    said: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted_twice_beside_an_engine(said, number)
    assert said == [STOPPING, "went on"]


def test_an_engine_that_nobody_interrupts_ends_as_it_does() -> None:
    with pytest.raises(RuntimeError), interrupts.after_engine():
        raise RuntimeError("failed")
    with Interrupts(lambda _: None).handled(), interrupts.after_engine():
        pass


def test_the_handlers_of_the_caller_are_put_back() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with Interrupts(lambda _: None).handled():
        assert [signal.getsignal(number) for number in SIGNALS] != before
    assert [signal.getsignal(number) for number in SIGNALS] == before
