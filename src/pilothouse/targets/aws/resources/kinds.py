"""What an inventory consists of: kinds of things, and things of that kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pilothouse.targets.aws.clients.account import Account


@dataclass(frozen=True, kw_only=True)
class Found:
    """A thing of the stack's that a service's list call has.

    id: as the engine's state has it.
    name: as people know it.
    arn: empty where the thing has none that matters.
    detail: its state, in the service's words.
    going: it is being deleted.
    pending: when AWS deletes it by itself; empty unless it was told to.
    inside: it bears no mark of the stack's, but lies in what does.
    about: what its removal has to know besides.
    """

    id: str
    name: str
    arn: str = ""
    detail: str = ""
    going: bool = False
    pending: str = ""
    inside: bool = False
    about: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name if self.name == self.id else f"{self.name} ({self.id})"


def _nothing(_account: Account, _found: Found) -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of things, looked for by the service's own list calls.

    types: the resource types of the engine that make it; none where services make it.
    keeps: the roles whose things stay when data are kept; `*` for all.
    holds: what data it holds, in words; empty where there are none, or none of worth.
    """

    name: str
    find: Callable[[Account], Iterable[Found]]
    remove: Callable[[Account, Found], None]
    types: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    holds: Callable[[Account, Found], str] = _nothing

    def stays(self, account: Account, found: Found) -> bool:
        """Whether a thing stays when data are kept."""
        names = {account.plan.name(role) for role in self.keeps if role != "*"}
        return "*" in self.keeps or found.name in names
