"""Tells why services do not get ready, while the engine still waits for them.

A provider says what it saw when its patience is over, which takes minutes; the target knows it
at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from pilothouse.errors import PilothouseError
from pilothouse.targets.interface import ServiceStatus

PERIOD = 5.0  # seconds between two looks


class Watch:
    """Looks at `services` now and then; a context manager.

    Tells of each that has failed at two looks in a row, once until it is well again.
    """

    def __init__(
        self, services: Callable[[], list[ServiceStatus]], tell: Callable[[str], None]
    ) -> None:
        self._services, self._tell = services, tell
        self._failed: set[str] = set()
        self._told: set[str] = set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()

    def look(self) -> None:
        """One look."""
        try:
            found = self._services()
        except PilothouseError:
            return  # the engine will say so
        failed = {each.name: each.detail for each in found if each.state == "failed"}
        self._told &= failed.keys()
        for name in sorted((failed.keys() & self._failed) - self._told):
            self._tell(f"{name} does not get ready: {failed[name]}")
            self._told.add(name)
        self._failed = set(failed)

    def _look_on(self) -> None:
        while not self._ended.wait(PERIOD):
            self.look()
