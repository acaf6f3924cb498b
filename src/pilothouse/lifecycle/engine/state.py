"""What the engine's state has of a stack at one moment."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pilothouse.targets.interface import PendingCreate

Resource = Mapping[str, Any]

STACK_TYPE = "pulumi:pulumi:Stack"


@dataclass(frozen=True, kw_only=True)
class StackState:
    """A snapshot of the state; whatever runs the engine makes it out of date.

    exists: whether the backend has the stack.
    resources: its resources, as the engine writes them.
    pending_operations: what a killed run began, as the engine writes it.
    has_secrets: whether secrets are decrypted in it, as every run of the engine needs them.
    is_damaged: whether the engine cannot read it; then nothing of it is known.
    """

    exists: bool
    resources: Sequence[Resource] = ()
    pending_operations: Sequence[Mapping[str, Any]] = ()
    has_secrets: bool = True
    is_damaged: bool = False

    @classmethod
    def from_deployment(cls, deployment: Mapping[str, Any]) -> StackState:
        """The state of an existing stack, from what `pulumi stack export` has as `deployment`."""
        return cls(
            exists=True,
            resources=tuple(deployment.get("resources") or ()),
            pending_operations=tuple(deployment.get("pending_operations") or ()),
        )

    @property
    def is_usable(self) -> bool:
        """Whether the engine can work on what it has."""
        return self.has_secrets and not self.is_damaged

    @property
    def count(self) -> int:
        """How many resources the engine counts in a preview: all but its default providers."""
        return sum(not _is_default_provider(resource) for resource in self.resources)

    @property
    def definition(self) -> Mapping[str, Any] | None:
        """What the stack was last set up from; None where no program has ended on it."""
        for resource in self.resources:
            if resource["type"] == STACK_TYPE:
                return (resource.get("outputs") or {}).get("definition")
        return None

    @property
    def protected(self) -> frozenset[str]:
        """The URNs of what the engine neither deletes nor replaces: what holds data."""
        return frozenset(resource["urn"] for resource in self.resources if resource.get("protect"))

    @property
    def has_resources(self) -> bool:
        """Whether it has anything besides the stack, components and providers."""
        return any(
            resource.get("custom") and not resource["type"].startswith("pulumi:providers:")
            for resource in self.resources
        )

    @property
    def pending_creates(self) -> list[PendingCreate]:
        """The creates that the state itself has as begun: a raw `pulumi` keeps no journal."""
        resources = [
            operation["resource"]
            for operation in self.pending_operations
            if operation["type"] == "creating"
        ]
        return [PendingCreate(urn=found["urn"], type=found["type"]) for found in resources]

    def retained_with_dependencies(self, keep: Collection[str]) -> set[str]:
        """The URNs of `keep` and of all that these need: parents, providers, dependencies."""
        known = {resource["urn"]: resource for resource in self.resources}
        retained, new = set[str](), set(keep) & set(known)
        while new:
            retained |= new
            needed = {need for urn in new for need in _needs(known[urn])}
            new = needed & set(known) - retained
        return retained


def _is_default_provider(resource: Resource) -> bool:
    name = resource["urn"].rpartition("::")[2]
    return str(resource["type"]).startswith("pulumi:providers:") and name.startswith("default")


def _needs(resource: Resource) -> Iterator[str]:
    yield resource.get("parent", "")
    yield resource.get("provider", "").rpartition("::")[0]  # it ends with the provider's id
    yield from resource.get("dependencies") or ()
    for urns in (resource.get("propertyDependencies") or {}).values():
        yield from urns or ()
