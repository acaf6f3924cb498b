"""Waiting for something that happens by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def eventually(what: Callable[[], Any], *, seconds: float = 15, pause: float = 0.05) -> Any:
    """The first true answer of `what`; AssertionError if there is none in time."""
    end = time.monotonic() + seconds
    while not (answer := what()):
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(pause)
    return answer
