"""Waits for a condition, with a clock that tests can replace."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Clock:
    """The time in seconds, and how to sleep for some of it."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


CLOCK = Clock()
"""The machine's own."""


def wait_until(
    holds: Callable[[], bool], *, seconds: float, pause: float = 1.0, clock: Clock = CLOCK
) -> bool:
    """Check `holds` every `pause` seconds until it is true; whether it was within `seconds`.

    It is checked at least once, and once more at the end of the time.
    """
    deadline = clock.now() + seconds
    while not holds():
        remaining = deadline - clock.now()
        if remaining <= 0:
            return False
        clock.sleep(min(pause, remaining))
    return True
