"""Waiting for a condition, by a clock that tests can replace."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Clock:
    """The time in seconds, and how to let it pass."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


CLOCK = Clock()
"""The machine's own."""


def wait_until(
    holds: Callable[[], bool], *, seconds: float, pause: float = 1.0, clock: Clock = CLOCK
) -> bool:
    """Ask `holds` every `pause` seconds, for at most `seconds`; return whether it held.

    It is asked at least once, and whatever it raises is raised here.
    """
    deadline = clock.now() + seconds
    while not holds():
        if clock.now() >= deadline:
            return False
        clock.sleep(pause)
    return True
