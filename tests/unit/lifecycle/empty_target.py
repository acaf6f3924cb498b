"""A target of which nothing runs and nothing is left, for tests to override."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from typing_extensions import override

from pilothouse.plan import Plan
from pilothouse.targets.interface import Leftover, Operations, ServiceStatus


class EmptyTarget(Operations):
    """Operations that find nothing, of a plan that is never read."""

    leftover_kinds = ("volume", "server")

    def __init__(self) -> None:
        super().__init__(cast("Plan", None))

    @override
    def services(self) -> list[ServiceStatus]:
        return []

    @override
    def logs(self, service: str, lines: int) -> Iterable[str]:
        return []

    @override
    def clean_up(self, *, keep_data: bool) -> None:
        return

    @override
    def leftovers(self, *, keep_data: bool) -> list[Leftover]:
        return []
