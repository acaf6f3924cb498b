"""What can be asked of a toy stack, and done to it, by looking into the cloud's folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pilothouse.errors import PilothouseError
from pilothouse.targets.interface import (
    Check,
    Leftover,
    OperationLimit,
    Operations,
    ServiceStatus,
)
from pilothouse_toy.cloud import DATA, Cloud
from pilothouse_toy.settings import ToySettings

if TYPE_CHECKING:
    from pilothouse.targets.dry_run import Recording

STACK_LABELS = ("pilothouse-platform", "pilothouse-stack")


class ToyOperations(Operations[ToySettings]):
    """A stack as its folder shows it."""

    leftover_kinds = ("thing",)
    no_backups = "the cloud's folder can be copied"

    def preflight(self, graph: Callable[[], Recording]) -> list[Check]:
        """Whether the cloud is a folder, and how many things are asked of it."""
        folder = Cloud.of(self.plan).folder
        wanted = sum(resource.type.endswith(":Thing") for resource in graph())
        return [
            Check(
                name="cloud",
                ok=folder.is_dir() or not folder.exists(),
                detail=f"{wanted} things in {folder}",
                remedy="name a folder as `folder` in the stack file",
            )
        ]

    def services(self) -> list[ServiceStatus]:
        """Each thing."""
        return [
            ServiceStatus(name=str(thing["kind"]), state="running") for _, thing in self._things()
        ]

    def logs(self, service: str, lines: int) -> Iterable[str]:
        """What the thing says of itself."""
        for name, thing in self._things():
            if thing["kind"] == service:
                return [f"{name}: {thing}"][-lines:]
        raise PilothouseError(f"no thing {service!r}")

    def limit(self, resource_type: str, operation: str) -> OperationLimit | None:
        """What the settings say, of things."""
        seconds = self.plan.settings.limit
        if seconds is None or not resource_type.endswith(":Thing") or operation != "create":
            return None
        return OperationLimit(seconds=seconds, remedy="ask the cloud, or raise limit")

    def is_retained(self, resource: Mapping[str, Any]) -> bool:
        """Data: the bucket and the register."""
        return resource["urn"].rpartition("::")[2] in DATA

    def clean_up(self, *, keep_data: bool) -> None:
        """Remove every thing, but for data that are kept."""
        for name, thing in list(self._things()):
            if not (keep_data and thing["kind"] in DATA):
                Cloud.of(self.plan).delete(name)

    def leftovers(self, *, keep_data: bool) -> list[Leftover]:
        """Every thing that is there."""
        return [
            Leftover(
                kind="thing",
                name=name,
                verdict="kept" if keep_data and thing["kind"] in DATA else "present",
            )
            for name, thing in self._things()
        ]

    def _things(self) -> Iterable[tuple[str, dict[str, Any]]]:
        labels = {label: self.plan.tags[label] for label in STACK_LABELS}
        return Cloud.of(self.plan).list(labels)
