"""A target's resource types: one declaration says everything that is known of a type.

A declaration is one of three:

- **listed** (`find`): the service's own list calls find it, by the stack's names and tags.
- **a child** (`find_children`): it has no tags, and is found in its recorded parent.
- **a setting** (`setting_of`): it only configures another resource. Created again it is the same,
  and it is deleted with that resource.

What a cloud needs to know besides, such as permissions, a subclass adds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Self, TypeVar

from pilothouse.targets.shared.account import Account

ANY_ROLE = "*"

RecordedState = Sequence[Mapping[str, Any]]
"""The resources of a stack's state, as Pulumi exports them."""

AccountT = TypeVar("AccountT", bound=Account)


@dataclass(frozen=True, kw_only=True)
class FoundResource:
    """A resource of the stack that exists, as a service lists it.

    id: the id that Pulumi's state has.
    name: the name that people know.
    full_name: the name that is unique in the whole cloud; empty where it has none that matters.
    detail: its status, in the service's words.
    is_deleting: its deletion has begun.
    scheduled_deletion: the date on which the service deletes it; empty unless one is scheduled.
    is_inside: it has no name or tag of the stack, but is in a resource that has.
    attributes: what its deletion needs to know besides.
    """

    id: str
    name: str
    full_name: str = ""
    detail: str = ""
    is_deleting: bool = False
    scheduled_deletion: str = ""
    is_inside: bool = False
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name if self.name == self.id else f"{self.name} ({self.id})"


def _no_deletion(_account: Any, found: FoundResource) -> None:
    raise NotImplementedError(f"{found} is deleted with what it configures")


def _no_data(_account: Any, _found: FoundResource) -> str:
    return ""


@dataclass(frozen=True, kw_only=True, eq=False)
class ResourceType(Generic[AccountT]):
    """Everything that is known of one type of resource.

    name: what people call it, such as `bucket`.
    type: Pulumi's type token; empty where only services create it.
    find: yields those of the stack.
    find_children: yields those in recorded parents, whether they are recorded themselves or not.
    setting_of: Pulumi's type of what it configures.
    delete: begins to delete one; accepted is not gone.
    retained_roles: the roles of those that are retained with the data; `*` for all.
    needed_by_retained: the roles of those that are retained only where a retained resource depends
        on them, which Pulumi's state tells by its dependencies.
    data_in: the data that one holds, in words; empty where there are none of worth.

    Raises ValueError for a declaration that is not exactly one of the three.
    """

    name: str
    type: str = ""
    find: Callable[[AccountT], Iterable[FoundResource]] | None = None
    find_children: Callable[[AccountT, RecordedState], Iterable[FoundResource]] | None = None
    setting_of: str = ""
    delete: Callable[[AccountT, FoundResource], None] = _no_deletion
    retained_roles: tuple[str, ...] = ()
    needed_by_retained: tuple[str, ...] = ()
    data_in: Callable[[AccountT, FoundResource], str] = _no_data

    def __post_init__(self) -> None:
        if [self.find is not None, self.find_children is not None, bool(self.setting_of)].count(
            True
        ) != 1:
            message = "must have one of find, find_children, setting_of"
            raise ValueError(f"the declaration of {self.name!r} {message}")

    def is_retained(self, account: AccountT, found: FoundResource) -> bool:
        """Whether a resource is retained when the stack's data are."""
        roles = {*self.retained_roles, *self.needed_by_retained}
        names = {account.plan.name(role) for role in roles - {ANY_ROLE}}
        return ANY_ROLE in roles or found.name in names

    def in_parents(self, recorded: RecordedState) -> Self:
        """A child's declaration as a listed one, in the parents that `recorded` has."""
        find_children = self.find_children
        if find_children is None:
            return self
        return replace(
            self, find=lambda account: find_children(account, recorded), find_children=None
        )

    def retains(self, logical_name: str) -> bool:
        """Whether the resource with this logical name in the state is retained with the data."""
        return any(
            role in (ANY_ROLE, logical_name) or logical_name.startswith(f"{role}-")
            for role in self.retained_roles
        )


TypeT_co = TypeVar("TypeT_co", bound=ResourceType[Any], covariant=True)


class ResourceTable(Generic[TypeT_co]):
    """A target's declarations, in the order in which their resources can be deleted.

    `identifying_outputs` names the outputs in the state by which a service's list may know a
    resource whose id in the state is another. Raises ValueError for a name or type declared twice.
    """

    def __init__(
        self, declarations: Iterable[TypeT_co], *, identifying_outputs: Sequence[str] = ()
    ) -> None:
        self._declarations = tuple(declarations)
        self._identifying_outputs = tuple(identifying_outputs)
        names = [declared.name for declared in self]
        types = [declared.type for declared in self if declared.type]
        if twice := {key for keys in (names, types) for key in keys if keys.count(key) > 1}:
            raise ValueError(f"declared twice: {', '.join(sorted(twice))}")
        self._by_name = {declared.name: declared for declared in self}
        self._by_type = {declared.type: declared for declared in self if declared.type}

    def __iter__(self) -> Iterator[TypeT_co]:
        return iter(self._declarations)

    @property
    def listed(self) -> Sequence[TypeT_co]:
        """The types that the services' list calls find."""
        return [declared for declared in self if declared.find]

    @property
    def children(self) -> Sequence[TypeT_co]:
        """The types that are found in recorded parents."""
        return [declared for declared in self if declared.find_children]

    @property
    def types(self) -> frozenset[str]:
        """Pulumi's types that have a declaration."""
        return frozenset(self._by_type)

    def named(self, name: str) -> TypeT_co:
        """The declaration with that name; KeyError if there is none."""
        return self._by_name[name]

    def of_type(self, token: str) -> TypeT_co:
        """The declaration of one of Pulumi's types; KeyError if there is none."""
        return self._by_type[token]

    def is_retained(self, resource: Mapping[str, Any]) -> bool:
        """Whether a resource of the state, by its type and URN, is retained with the data.

        A setting is retained with what it configures, whose logical name it has.
        """
        declared = self._by_type.get(resource["type"])
        if declared and declared.setting_of:
            declared = self._by_type.get(declared.setting_of)
        return declared is not None and declared.retains(resource["urn"].rpartition("::")[2])

    def known_ids(self, recorded: RecordedState, token: str) -> frozenset[str]:
        """The ids by which the state knows its resources of one of Pulumi's types.

        Of one type only: the id of a setting is that of what it configures.
        """
        own = [resource for resource in recorded if resource["type"] == token]
        ids = {str(resource.get("id") or "") for resource in own}
        for output in self._identifying_outputs:
            ids |= {str((resource.get("outputs") or {}).get(output) or "") for resource in own}
        return frozenset(ids)
