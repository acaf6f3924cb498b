"""A line of the table: how one type of resource is made, read, changed and removed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from testkit.fake_providers.aws.language import inputs_of

Context = Mapping[str, Any]
"""What expressions see: `in`, `old`, `id`, `account`, `region`, `made` and the reads' names."""


class Caller(Protocol):
    """Calls an operation of a service."""

    def __call__(self, service: str, operation: str, /, **request: Any) -> Any:
        """The answer, without what belongs to HTTP; None if the thing is not there."""


Hook = Callable[[Caller, Context], None]
Requests = Callable[[Context], Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request: its operation, and its parameters as an expression.

    It is made if `when` is true; `service` is another one than the type's; where `missing` is
    answered, the thing is not there.
    """

    operation: str
    request: str
    when: str = ""
    service: str = ""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Read(Call):
    """A request that tells something, known as `name` from then on: `pick` of the answer."""

    name: str = "it"
    pick: str = "@"


@dataclass(frozen=True, kw_only=True)
class Put:
    """What brings some inputs into force after the creation and when they change.

    `hook` does it for the inputs `of_hook`, which no expression can; `requests` are what it hands
    to `operation`, so that they can be checked beforehand.
    """

    calls: tuple[Call, ...] = ()
    hook: Hook | None = None
    of_hook: tuple[str, ...] = ()
    operation: str = ""
    requests: Requests = lambda _context: ()
    on_create: bool = True

    @property
    def inputs(self) -> frozenset[str]:
        """The inputs that it brings into force."""
        named = (inputs_of(text) for call in self.calls for text in (call.request, call.when)
                 if text)  # fmt: skip
        return frozenset(self.of_hook).union(*named)


@dataclass(frozen=True, kw_only=True)
class TagCalls:
    """How tags are changed: `keys` and `tags` are what is to be removed and set."""

    add: Call
    remove: Call


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One type.

    `reads`: the first one tells whether it is there. `seen`: what each input is in the cloud.
    `quiet` inputs are the provider's own. `computed` ones are filled by AWS where not given.
    `replaces` names what cannot change in place although a put names it, as paths.
    `names` are the inputs that only one thing can have: it must go before its successor comes.
    `mutable` inputs are brought into force by `update`. `ready` is awaited; `failed` ends that.
    """

    service: str
    create: Call
    id: str
    reads: tuple[Read, ...]
    seen: Mapping[str, str | Callable[[Context], Any]] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    puts: tuple[Put, ...] = ()
    delete: tuple[Call, ...] = ()
    before_delete: Hook | None = None
    tags: TagCalls | None = None
    quiet: tuple[str, ...] = ()
    computed: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    volatile: tuple[str, ...] = ()
    ready: str = ""
    failed: str = ""
    of_create: tuple[str, ...] = ()

    @property
    def modelled(self) -> frozenset[str]:
        """The inputs that the double knows."""
        texts = [self.create.request, self.id]
        texts += [call.request for call in (*self.delete, *self.reads)]
        named = frozenset(self.quiet + self.of_create).union(*map(inputs_of, texts))
        tags = {"tags"} if self.tags else set[str]()
        return named.union(*(put.inputs for put in self.puts)) | tags

    @property
    def in_place(self) -> frozenset[str]:
        """The inputs that change without another resource being made."""
        tags = {"tags"} if self.tags else set[str]()
        put = frozenset[str]().union(*(put.inputs for put in self.puts))
        return (put | frozenset(self.quiet) | tags) - frozenset(self.replaces)
