"""A clock that advances only when something sleeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from pilothouse.waiting import Clock


@dataclass
class ManualClock:
    """The time in seconds, the pauses so far, and what happens during each."""

    seconds: float = 0.0
    pauses: list[float] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None

    def sleep(self, seconds: float) -> None:
        """Advance, and let the rest of the world go on."""
        self.seconds += seconds
        self.pauses.append(seconds)
        self.meanwhile()

    @property
    def clock(self) -> Clock:
        """The clock to hand over."""
        return Clock(now=lambda: self.seconds, sleep=self.sleep)
