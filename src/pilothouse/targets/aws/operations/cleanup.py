"""Removes what an inventory finds, as often as it takes.

What holds a thing is not known beforehand: a network interface that a service still has, a log
group that a service makes once more. So every kind is looked for and removed in the order in which
that can work, and again after a while, until nothing is found or the patience is over.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pilothouse.targets.aws.clients import api
from pilothouse.targets.aws.resources.kinds import Found, Kind

if TYPE_CHECKING:
    from pilothouse.targets.aws.clients.account import Account

PATIENCE = 5400.0  # seconds in all: an MWAA environment takes up to an hour to go
STALLED = 1500.0  # seconds without any change; a service's interfaces linger for up to 20 minutes
LONGEST = 30.0  # seconds between two rounds
DENIED = ("AccessDenied", "Unauthorized", "InvalidClientToken", "UnrecognizedClient", "Expired")
"""How the codes of errors begin that no patience cures."""


@dataclass(frozen=True)
class Clock:
    """What time it is, in seconds, and how to let it pass."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


CLOCK = Clock()


@dataclass(frozen=True, kw_only=True)
class Left:
    """A thing that a round found: `removed` if its deletion was accepted, else why not."""

    kind: Kind
    found: Found
    removed: bool = False
    why: str = ""
    hopeless: bool = False

    def __str__(self) -> str:
        return f"{self.kind.name} {self.found}"


def remove(
    account: Account,
    kinds: Sequence[Kind],
    wanted: Callable[[Kind, Found], bool],
    *,
    clock: Clock = CLOCK,
) -> tuple[list[Left], list[Left]]:
    """Remove every `wanted` thing: what was removed, and what could not be, with the reasons.

    A kind that can't be listed is passed over.
    """
    end, pause, seen = clock.now() + PATIENCE, 1.0, dict[str, Left]()
    changed, before, accepted = clock.now(), set[str](), False
    while left := [each for kind in kinds for each in _round(account, kind, wanted)]:
        kinds = [kind for kind in kinds if kind in {each.kind for each in left}]
        now = {str(each): each for each in left}
        seen |= now
        if moved := set(now) != before:
            changed, before, pause = clock.now(), set(now), 1.0
        if all(each.hopeless for each in left) or clock.now() > min(end, changed + STALLED):
            break
        # What was accepted is mostly gone at once; what still is there after that takes a while.
        accepted, again = all(each.removed for each in left), accepted and not moved
        if again or not accepted:
            clock.sleep(pause)
            pause = min(2 * pause, LONGEST)
    remaining = {str(each) for each in left}
    return [each for name, each in seen.items() if name not in remaining], left


def _round(account: Account, kind: Kind, wanted: Callable[[Kind, Found], bool]) -> Iterator[Left]:
    """One try at each thing of a kind."""
    try:
        with api.calling():
            found = [each for each in kind.find(account) if not each.pending and wanted(kind, each)]
    except api.AwsError:
        return  # the proof will look again, and say so
    for each in found:
        yield Left(kind=kind, found=each) if each.going else _tried(account, kind, each)


def _tried(account: Account, kind: Kind, found: Found) -> Left:
    try:
        with api.calling():
            kind.remove(account, found)
    except api.AwsError as error:
        hopeless = error.code.startswith(DENIED)
        return Left(kind=kind, found=found, why=str(error), hopeless=hopeless)
    return Left(kind=kind, found=found, removed=True)
