"""Calls that list, count and delete, where a service's names are all that differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.shared.resource_table import FoundResource

DELETED = ("Deleted",)
DELETING = ("Deleting", "Stopping")


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A list call, the key of its items, and the keys of what an item says.

    id: the key of Pulumi's id; empty where that is the name.
    """

    service: str
    operation: str
    key: str
    name: str
    arn: str
    id: str = ""
    status: str = ""
    arguments: Mapping[str, str] = field(default_factory=dict)

    def find(self, account: Account) -> Iterator[FoundResource]:
        """The stack's resources, by their names, tags or ARNs."""
        for item in account.list_items(self.service, self.operation, self.key, **self.arguments):
            name, arn, status = item[self.name], item[self.arn], item.get(self.status, "")
            tags = item.get("Tags") or ()
            if status not in DELETED and account.belongs_to_stack(name, tags=tags, arn=arn):
                yield FoundResource(
                    id=item[self.id or self.name],
                    name=name,
                    full_name=arn,
                    detail=status,
                    is_deleting=status in DELETING,
                )


def count(service: str, operation: str, key: str) -> Callable[[Account], int]:
    """Counts everything in the account that a list call has under `key`."""
    return lambda account: sum(1 for _ in account.list_items(service, operation, key))


def by(key: str) -> Callable[[str], dict[str, str]]:
    """The arguments of a call that takes one id under `key`."""
    return lambda resource_id: {key: resource_id}


def delete_by(
    service: str, operation: str, argument: str, **more: object
) -> Callable[[Account, FoundResource], None]:
    """A call that takes one id."""

    def delete(account: Account, found: FoundResource) -> None:
        getattr(account.client(service), operation)(**{argument: found.id}, **more)

    return delete
