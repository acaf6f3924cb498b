"""A program's graph as calls to AWS in the order of its dependencies, without an engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from testkit.fake_providers.aws import checks, resources
from testkit.fake_providers.aws.clients import Clients
from testkit.fake_providers.aws.resources import Resource
from testkit.fake_providers.aws.settings import Settings
from testkit.fake_providers.aws.table import entry_of
from testkit.fake_providers.core.values import Properties


@dataclass(frozen=True)
class Made:
    """A resource that is there."""

    token: str
    name: str
    resource_id: str
    inputs: Properties


@dataclass
class Replay(Mapping[str, Any]):
    """Answers for a recording: to ask for a resource makes it; ValueError for wrong inputs."""

    settings: Settings
    made: list[Made] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clients = Clients(self.settings.region)

    def __getitem__(self, token: str) -> Any:
        return lambda name, inputs: self._make(token, name, dict(inputs))

    def __iter__(self) -> Iterator[str]:
        return iter({each.token for each in self.made})

    def __len__(self) -> int:
        return len({each.token for each in self.made})

    def read(self, made: Made) -> resources.Seen | None:
        """A resource as it is."""
        return resources.read(self._of(made, "read"), made.resource_id, made.inputs, {})

    def delete(self, made: Made) -> None:
        """Remove a resource."""
        resources.deleted(self._of(made, "delete"), made.resource_id, made.inputs, {})

    def delete_all(self) -> None:
        """Remove everything, what was made last first."""
        for made in reversed(self.made):
            self.delete(made)

    def _make(self, token: str, name: str, inputs: Properties) -> Properties:
        entry = entry_of(token)
        news, problems = checks.checked(token, entry, inputs, self.settings, self.clients)
        if problems:
            raise ValueError(f"{token} {name}: {problems}")
        made = Made(token, name, "", news)
        resource_id, outputs = resources.created(self._of(made, "create"), news)
        self.made.append(Made(token, name, resource_id, news))
        return {**outputs, "id": resource_id}

    def _of(self, made: Made, phase: str) -> Resource:
        entry = entry_of(made.token)
        label = f"{made.token.rpartition(':')[2]} {made.name}"
        return Resource(entry, label, phase, self.settings, self.clients, Event())
