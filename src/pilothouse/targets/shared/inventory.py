"""What of a stack exists in its account, by the list calls of each service.

The state is not asked: what a killed run created, and what services created themselves, is in no
state.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from pilothouse.targets.interface import Leftover
from pilothouse.targets.shared.account import ServiceError
from pilothouse.targets.shared.resource_table import AccountT, FoundResource, ResourceType

AT_ONCE = 8
"""Types that are listed at the same time."""


def find(account: AccountT, declared: ResourceType[AccountT]) -> list[FoundResource]:
    """The stack's resources of a listed type; ServiceError where they cannot be listed."""
    return list(_find(account, declared))


def _find(account: AccountT, declared: ResourceType[AccountT]) -> Iterator[FoundResource]:
    if declared.find is not None:
        with account.errors():
            yield from declared.find(account)


def leftovers(
    account: AccountT, types: Sequence[ResourceType[AccountT]], *, keep_data: bool
) -> list[Leftover]:
    """Every resource of the stack with its verdict, in the order of `types`.

    A type that cannot be listed to its end has an entry `unknown`: there may be any number more.
    """
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = pool.map(
            lambda declared: list(_leftovers_of(account, declared, keep_data=keep_data)), types
        )
        return [leftover for of_type in found for leftover in of_type]


def _leftovers_of(
    account: AccountT, declared: ResourceType[AccountT], *, keep_data: bool
) -> Iterator[Leftover]:
    try:
        for found in _find(account, declared):
            yield _leftover(account, declared, found, keep_data=keep_data)
    except ServiceError as error:
        yield Leftover(kind=declared.name, name="(all)", verdict="unknown", detail=str(error))


def _leftover(
    account: AccountT, declared: ResourceType[AccountT], found: FoundResource, *, keep_data: bool
) -> Leftover:
    if date := found.scheduled_deletion:
        detail = f"its deletion is scheduled for {date}"
        return Leftover(kind=declared.name, name=str(found), verdict="pending", detail=detail)
    is_kept = keep_data and declared.is_retained(account, found)
    return Leftover(
        kind=declared.name,
        name=str(found),
        verdict="kept" if is_kept else "present",
        detail=found.detail,
    )
