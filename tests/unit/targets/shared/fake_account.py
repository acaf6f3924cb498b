"""An account in memory whose services list and delete what a test put there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from testkit.support.clock import ManualClock

from pilothouse.plan import Plan
from pilothouse.targets.shared.account import ServiceError
from pilothouse.targets.shared.resource_table import (
    FoundResource,
    RecordedState,
    ResourceTable,
    ResourceType,
)


class SdkError(Exception):
    """What the cloud's SDK raises."""


class FakeError(ServiceError):
    """The same as a neutral error."""

    @property
    def is_denied(self) -> bool:
        """Whether a retry is futile."""
        return "denied" in str(self)


@dataclass
class FakeAccount:
    """Resources by type, and how their services behave.

    refusals: by the id of a resource, the errors of the deletions that are refused first.
    unlistable: the types whose list calls fail.
    lingering: by id, the seconds for which a resource is listed as being deleted.
    """

    plan: Plan
    resources: dict[str, list[FoundResource]] = field(default_factory=dict)
    refusals: dict[str, list[str]] = field(default_factory=dict)
    unlistable: set[str] = field(default_factory=set)
    lingering: dict[str, float] = field(default_factory=dict)
    time: ManualClock = field(default_factory=ManualClock)
    deleted: list[str] = field(default_factory=list)
    _gone_at: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Raise FakeError for what the SDK raises."""
        try:
            yield
        except SdkError as error:
            raise FakeError(str(error)) from error

    def add(self, type_name: str, *resources: FoundResource | str) -> None:
        """Put resources of a type there; a text is the id of one and its name."""
        for resource in resources:
            found = (
                FoundResource(id=resource, name=resource) if isinstance(resource, str) else resource
            )
            self.resources.setdefault(type_name, []).append(found)

    def list(self, type_name: str) -> Iterator[FoundResource]:
        """The service's list call."""
        if type_name in self.unlistable:
            raise SdkError(f"cannot list {type_name}")
        for found in self.resources.get(type_name, []):
            if self.time.seconds < self._gone_at.get(found.id, float("inf")):
                is_deleting = found.is_deleting or found.id in self._gone_at
                yield FoundResource(**{**vars(found), "is_deleting": is_deleting})

    def delete(self, found: FoundResource) -> None:
        """The service's call to delete."""
        if refusals := self.refusals.get(found.id):
            raise SdkError(refusals.pop(0))
        self.deleted.append(found.id)
        self._gone_at[found.id] = self.time.seconds + self.lingering.get(found.id, 0.0)


Fake = ResourceType[FakeAccount]


def declare(name: str, **more: object) -> Fake:
    """A listed type whose Pulumi type is `fake:<name>`."""
    return ResourceType(
        **{  # type: ignore[arg-type]
            "name": name,
            "type": f"fake:{name}",
            "find": lambda account: account.list(name),
            "delete": lambda account, found: account.delete(found),
            **more,
        }
    )


def find_rules(account: FakeAccount, recorded: RecordedState) -> Iterator[FoundResource]:
    """The children of recorded networks."""
    networks = {resource["id"] for resource in recorded if resource["type"] == "fake:network"}
    for found in account.list("rule"):
        if found.attributes["network"] in networks:
            yield found


TABLE: ResourceTable[Fake] = ResourceTable(
    [
        declare("machine"),
        declare("rule", find=None, find_children=find_rules),
        declare(
            "store",
            retained_roles=("data",),
            data_in=lambda _account, found: str(found.attributes.get("data", "")),
        ),
        ResourceType(name="store policy", type="fake:policy", setting_of="fake:store"),
        declare("identity", needed_by_retained=("reader",)),
        declare("network"),
        declare("key", retained_roles=("*",)),
        declare("trace", type=""),
    ],
    identifying_outputs=["link"],
)


def types(*names: str) -> Sequence[Fake]:
    """Declarations by name."""
    return [TABLE.named(name) for name in names]
