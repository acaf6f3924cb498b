"""Reports why services do not get ready, while the engine still waits for them.

A provider reports that after its timeout, which takes minutes; the target knows it at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from pilothouse.errors import PilothouseError
from pilothouse.targets.interface import ServiceStatus

PERIOD = 5.0  # seconds between two polls


class Watch:
    """Polls `services` in a thread of its own; a context manager.

    Reports each that has failed in two polls in a row, once until it is well again.
    """

    def __init__(
        self, services: Callable[[], list[ServiceStatus]], report: Callable[[str], None]
    ) -> None:
        self._services, self._report = services, report
        self._failed: set[str] = set()
        self._reported: set[str] = set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._poll_until_ended, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()

    def poll(self) -> None:
        """Query the services once."""
        try:
            services = self._services()
        except PilothouseError:
            return  # the engine will report it
        failed = {found.name: found for found in services if found.state == "failed"}
        self._reported &= failed.keys()
        for name in sorted((failed.keys() & self._failed) - self._reported):
            self._report(_describe(failed[name]))
            self._reported.add(name)
        self._failed = set(failed)

    def describe_failures(self) -> list[str]:
        """Why services are not ready now, a line for each; empty where that is unknown."""
        try:
            return [_describe(found) for found in self._services() if found.state == "failed"]
        except PilothouseError:
            return []

    def _poll_until_ended(self) -> None:
        while not self._ended.wait(PERIOD):
            self.poll()


def _describe(service: ServiceStatus) -> str:
    return f"{service.name} does not get ready: {service.detail}"
