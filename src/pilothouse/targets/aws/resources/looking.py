"""Looking for every kind at once; a look that fails is a finding too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from pilothouse.targets.aws.clients import api
from pilothouse.targets.aws.resources import KINDS
from pilothouse.targets.aws.resources.kinds import Found, Kind
from pilothouse.targets.interface import Leftover

if TYPE_CHECKING:
    from pilothouse.targets.aws.clients.account import Account

AT_ONCE = 8


def leftovers(
    account: Account, *, keep_data: bool, kinds: Sequence[Kind] = KINDS
) -> list[Leftover]:
    """Everything of the stack that is in its account, with a verdict each."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = pool.map(lambda kind: list(_looked(account, kind, keep_data)), kinds)
        return [each for some in found for each in some]


def _looked(account: Account, kind: Kind, keep_data: bool) -> Iterator[Leftover]:
    try:
        with api.calling():
            for found in kind.find(account):
                yield _leftover(account, kind, found, keep_data)
    except api.AwsError as error:
        # A list call that fails proves nothing: there may be any number of them.
        yield Leftover(kind=kind.name, name="(all)", verdict="unknown", detail=str(error))


def _leftover(account: Account, kind: Kind, found: Found, keep_data: bool) -> Leftover:
    if found.pending:
        detail = f"AWS deletes it on {found.pending}"
        return Leftover(kind=kind.name, name=str(found), verdict="pending", detail=detail)
    kept = keep_data and kind.stays(account, found)
    return Leftover(
        kind=kind.name,
        name=str(found),
        verdict="kept" if kept else "present",
        detail=found.detail,
    )
