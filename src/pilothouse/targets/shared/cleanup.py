"""Removes what an inventory finds, in as many rounds as it takes.

What blocks a deletion is not known beforehand: a network interface that a service still uses, a log
that a service creates again. So in each round every type is listed and deleted, in the order in
which deletions can succeed, until nothing is found or nothing changes any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic

from pilothouse.targets.shared import inventory
from pilothouse.targets.shared.account import ServiceError
from pilothouse.targets.shared.resource_table import AccountT, FoundResource, ResourceType
from pilothouse.waiting import CLOCK, Clock

PATIENCE = 5400.0  # seconds in all: some managed services take up to an hour to be deleted
STALLED = 1500.0  # seconds without any change; network interfaces linger for up to 20 minutes
FIRST_PAUSE, LONGEST = 1.0, 30.0  # seconds between two rounds


@dataclass(frozen=True, kw_only=True)
class RemovalAttempt:
    """A resource that a round found: `is_accepted` if its deletion was, else `reason` if known."""

    resource_type: ResourceType[Any]
    found: FoundResource
    is_accepted: bool = False
    is_denied: bool = False
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.resource_type.name} {self.found}"


class Sweep(Generic[AccountT]):
    """Deletes every resource of `types` that `is_wanted`.

    A type that cannot be listed is passed over: the proof of the teardown lists it again.
    """

    def __init__(
        self,
        account: AccountT,
        types: Sequence[ResourceType[AccountT]],
        is_wanted: Callable[[ResourceType[AccountT], FoundResource], bool],
        *,
        clock: Clock = CLOCK,
    ) -> None:
        self._account, self._types, self._is_wanted = account, types, is_wanted
        self._clock = clock
        self._deadline = clock.now() + PATIENCE
        self._changed_at = clock.now()
        self._pause = FIRST_PAUSE
        self._attempts: dict[str, RemovalAttempt] = {}
        self._was_accepted = self._looks_again_at_once = False
        self.remaining: Sequence[RemovalAttempt] = []
        """What the last round found."""

    @property
    def removed(self) -> Sequence[RemovalAttempt]:
        """What an earlier round found and the last one did not."""
        remaining = {str(attempt) for attempt in self.remaining}
        return [attempt for name, attempt in self._attempts.items() if name not in remaining]

    def run(self) -> None:
        """Run rounds until nothing is left or the sweep is stalled."""
        while self.run_round() and not self.is_stalled():
            self._wait()

    def run_round(self) -> bool:
        """Try once to delete each resource; return whether there was any."""
        before = {str(attempt) for attempt in self.remaining}
        self.remaining = [
            attempt for declared in self._types for attempt in self._attempts_of(declared)
        ]
        found = {str(attempt): attempt for attempt in self.remaining}
        self._attempts |= found
        with_rest = {attempt.resource_type for attempt in self.remaining}
        self._types = [declared for declared in self._types if declared in with_rest]
        is_changed = found.keys() != before
        if is_changed:
            self._changed_at, self._pause = self._clock.now(), FIRST_PAUSE
        # What was accepted is mostly gone at once; what is still listed after that takes a while.
        is_accepted = all(attempt.is_accepted for attempt in self.remaining)
        self._looks_again_at_once = is_accepted and (is_changed or not self._was_accepted)
        self._was_accepted = is_accepted
        return bool(self.remaining)

    def is_stalled(self) -> bool:
        """Whether no further round can help: nothing is permitted, or nothing changed for long."""
        if all(attempt.is_denied for attempt in self.remaining):
            return True
        return self._clock.now() > min(self._deadline, self._changed_at + STALLED)

    def _wait(self) -> None:
        if self._looks_again_at_once:
            return
        self._clock.sleep(self._pause)
        self._pause = min(2 * self._pause, LONGEST)

    def _attempts_of(self, declared: ResourceType[AccountT]) -> Iterator[RemovalAttempt]:
        try:
            listed = inventory.find(self._account, declared)
        except ServiceError:
            return
        for found in listed:
            if found.scheduled_deletion or not self._is_wanted(declared, found):
                continue
            if found.is_deleting:
                yield RemovalAttempt(resource_type=declared, found=found)
            else:
                yield self._attempt(declared, found)

    def _attempt(self, declared: ResourceType[AccountT], found: FoundResource) -> RemovalAttempt:
        try:
            with self._account.errors():
                declared.delete(self._account, found)
        except ServiceError as error:
            return RemovalAttempt(
                resource_type=declared, found=found, is_denied=error.is_denied, reason=str(error)
            )
        return RemovalAttempt(resource_type=declared, found=found, is_accepted=True)
