"""A program's graph as calls to AWS in the order of its dependencies, without an engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from threading import Event, Lock
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
    outputs: Properties = field(default_factory=dict)


@dataclass
class Replay(Mapping[str, Any]):
    """Answers for a recording: to ask for a resource makes it, or changes it where it is there.

    ValueError for wrong inputs.
    """

    settings: Settings
    made: list[Made] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clients = Clients(self.settings.region)
        self._alone = Lock()  # a recording asks from several threads; moto serves one

    def __getitem__(self, token: str) -> Any:
        return lambda name, inputs: self._answered_alone(token, name, dict(inputs))

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

    def _answered_alone(self, token: str, name: str, inputs: Properties) -> Properties:
        with self._alone:
            return self._answer(token, name, inputs)

    def _answer(self, token: str, name: str, inputs: Properties) -> Properties:
        entry = entry_of(token)
        news, problems = checks.checked(token, entry, inputs, self.settings, self.clients)
        if problems:
            raise ValueError(f"{token} {name}: {problems}")
        place = self._place(token, name)
        if place is None:
            made = self._create(Made(token, name, "", news))
            self.made.append(made)
        else:
            made = self.made[place] = self._update(self.made[place], news)
        return {**made.outputs, "id": made.resource_id}

    def _place(self, token: str, name: str) -> int | None:
        """Where a resource stands among those that are there."""
        found = (n for n, made in enumerate(self.made) if (made.token, made.name) == (token, name))
        return next(found, None)

    def _create(self, wanted: Made) -> Made:
        resource_id, outputs = resources.created(self._of(wanted, "create"), wanted.inputs)
        return replace(wanted, resource_id=resource_id, outputs=outputs)

    def _update(self, made: Made, news: Properties) -> Made:
        if not resources.differences(entry_of(made.token), made.inputs, news):
            return made
        outputs = resources.updated(
            self._of(made, "update"), made.resource_id, made.outputs, made.inputs, news
        )
        return replace(made, inputs=news, outputs=outputs)

    def _of(self, made: Made, phase: str) -> Resource:
        entry = entry_of(made.token)
        label = f"{made.token.rpartition(':')[2]} {made.name}"
        return Resource(entry, label, phase, self.settings, self.clients, Event())
