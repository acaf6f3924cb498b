"""Kinds of things that a service makes, describes, lists, changes and removes all alike."""

from __future__ import annotations

import secrets
import string
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.core.exceptions import ServiceException

Fields = dict[str, Any]
TURNED = ("Starting", "Stopping")
"""The states of what is turned on or off."""


class NotFound(ServiceException):
    """There is no such thing."""

    code = "ResourceNotFound"


class InUse(ServiceException):
    """The name is taken, or something is still needed."""

    code = "ResourceInUse"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How a service's requests and answers name a kind of thing.

    `keys` identify it in requests. Where `by_arn`, those are its ARN, which is random.
    """

    name: str
    keys: tuple[str, ...]
    arn: str
    status: str
    made: str
    changed: str
    listed: str
    path: Callable[[Fields], str]
    by_arn: bool = False


@dataclass
class Record:
    """One thing; it is being made, changed or removed until it has been looked at once."""

    fields: Fields
    tags: dict[str, str]
    then: str | None = None


@dataclass
class Records:
    """The things of one kind in one region of an account."""

    kind: Kind
    prefix: str
    found: dict[tuple[Any, ...], Record] = field(default_factory=dict)

    def create(self, given: Fields) -> Record:
        """Make one; InUse if its name is taken."""
        kind, now = self.kind, time.time()
        tags = {tag["Key"]: tag["Value"] for tag in given.pop("Tags", None) or []}
        arn = f"{self.prefix}:{kind.path(given)}"
        fields = {**given, kind.arn: arn, "CreationTime": now, "LastModifiedTime": now}
        key = (arn,) if kind.by_arn else self._key(given)
        if key in self.found:
            raise InUse(f"{kind.name} {given} already exists")
        first = "Creating" if kind.made == "Created" else "Pending"
        self.found[key] = Record(fields | {kind.status: first}, tags, then=kind.made)
        return self.found[key]

    def get(self, given: Mapping[str, Any]) -> Record:
        """One by what identifies it; NotFound if there is none."""
        try:
            return self.found[self._key(given)]
        except KeyError:
            raise NotFound(f"{self.kind.name} {self._key(given)} does not exist") from None

    def looked_at(self, given: Mapping[str, Any]) -> Fields:
        """One as it is now; the next look sees what was under way done."""
        record = self.get(given)
        seen = dict(record.fields)
        if record.then == "":
            del self.found[self._key(given)]
        elif record.then:
            record.fields[self.kind.status], record.then = record.then, None
        return seen

    def update(self, given: Fields) -> Record:
        """Change one."""
        record = self.get(given)
        record.fields |= given | {"LastModifiedTime": time.time()}
        record.fields[self.kind.status], record.then = "Updating", self.kind.changed
        return record

    def delete(self, given: Mapping[str, Any]) -> Record:
        """Begin to remove one: the next look is the last that finds it."""
        record = self.get(given)
        record.fields[self.kind.status], record.then = "Deleting", ""
        return record

    def matching(self, given: Mapping[str, Any]) -> list[Fields]:
        """All of them, or those whose fields are as given; what was being removed is gone."""
        self.found = {key: record for key, record in self.found.items() if record.then != ""}
        return [
            record.fields for record in self.found.values()
            if all(record.fields.get(name) == value for name, value in given.items())
        ]  # fmt: skip

    def listed_once(self) -> None:
        """The next list sees the end of what is turned on or off: nobody looks at the one thing."""
        for record in self.found.values():
            if record.fields[self.kind.status] in TURNED:
                record.fields[self.kind.status], record.then = record.then, None

    def _key(self, given: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(given.get(name) for name in self.kind.keys)


def unguessable(length: int = 12) -> str:
    """An identifier as services make them."""
    letters = string.ascii_uppercase + string.digits
    return "".join(secrets.choice(letters) for _ in range(length))
