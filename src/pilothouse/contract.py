"""What a running stack promises to its users, the same on every target.

A target's components fill `Capability[Input[str]]`; a reader of the stack's outputs gets
`Capability[str]`. Whatever a workload, a check or a person needs to reach a platform is here,
and nothing here says which target is behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol

from typing_extensions import TypeVar

if TYPE_CHECKING:
    from pilothouse.plan import Plan

Text = TypeVar("Text")
Address_co = TypeVar("Address_co", covariant=True, default=str)

ServiceState = Literal["running", "starting", "stopped", "failed"]

CAPABILITIES = ("storage", "compute", "tracking", "orchestration")


@dataclass(frozen=True, kw_only=True)
class Probe(Generic[Address_co]):
    """How to see that one service really answers.

    `kind` is `http` (a GET of `address` answers 2xx), `postgres` (the server at `address`,
    host:port, lets clients in), `airflow` (Airflow's health report at `address` calls the
    component healthy), or one that the target's own clients know.
    """

    service: str
    kind: str
    address: Address_co


@dataclass(frozen=True, kw_only=True)
class Capability(Generic[Text]):
    """One capability as its users see it.

    uri: where it is (the bucket's URI, the tracking URI, the API's base URL, the interpreter).
    console: the URL where people look; empty if there is none.
    environment: environment variables that a client needs, none of them secret.
    secrets: environment variables that a client needs and that are secret.
    login: `username` and `password` for the console; empty if there is none.
    submit: how code is handed over: `kind` names the way, the rest is that way's own.
    probes: the services behind the capability.
    """

    uri: Text
    console: Text
    environment: Mapping[str, Text] = field(default_factory=dict)
    secrets: Mapping[str, Text] = field(default_factory=dict)
    login: Mapping[str, Text] = field(default_factory=dict)
    submit: Mapping[str, Text] = field(default_factory=dict)
    probes: Sequence[Probe[Text]] = ()

    def exported(self) -> dict[str, Any]:
        """The capability as a stack output, in which each secret is a secret of its own."""
        return {**vars(self), "probes": [vars(probe) for probe in self.probes]}


@dataclass(frozen=True, kw_only=True)
class Contract:
    """A running stack's four capabilities, read from its outputs."""

    storage: Capability[str]
    compute: Capability[str]
    tracking: Capability[str]
    orchestration: Capability[str]

    @classmethod
    def from_output(cls, output: Mapping[str, Any]) -> Contract:
        """Read the `contract` output of a stack; KeyError if it is not one."""
        return cls(**{name: _capability(output[name]) for name in CAPABILITIES})

    def __iter__(self) -> Iterator[tuple[str, Capability[str]]]:
        return ((name, getattr(self, name)) for name in CAPABILITIES)


def _capability(output: Mapping[str, Any]) -> Capability[str]:
    return Capability(**{**output, "probes": tuple(Probe(**probe) for probe in output["probes"])})


# What a target gives to the lifecycle besides its components.


@dataclass(frozen=True, kw_only=True)
class Check:
    """One line of a preflight: what was looked at, whether it will do, and the remedy if not."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


@dataclass(frozen=True, kw_only=True)
class ServiceStatus:
    """One service of a running stack, as its supervisor and its probe see it."""

    name: str
    state: ServiceState
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Leftover:
    """Something of a stack that exists outside of its state.

    `verdict` is `present` (it should not be there), `kept` (by choice), `pending` (goes by
    itself; `detail` says when) or `unknown` (it could not be found out, which fails a teardown).
    """

    kind: str
    name: str
    verdict: Literal["present", "kept", "pending", "unknown"]
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Backup:
    """A backup of a stack's databases: its name, which sorts by its time, and its size."""

    name: str
    bytes: int


@dataclass(frozen=True, kw_only=True)
class Began:
    """A create that the engine began and that nobody saw succeed: a resource's URN and type."""

    urn: str
    type: str


class Operations(Protocol):
    """What a target can tell of a stack, and do to it, by looking at what runs, not at the state.

    Of the engine and its state it knows what it is handed: a resource that may stay, the contract.
    """

    leftover_kinds: tuple[str, ...]

    def preflight(self, plan: Plan) -> list[Check]:
        """Whether `up` can work here: run before anything is made."""

    def services(self, plan: Plan) -> list[ServiceStatus]:
        """The stack's services; empty if nothing runs."""

    def logs(self, plan: Plan, service: str, lines: int) -> Iterable[str]:
        """The last `lines` lines of a service's log."""

    def up_variables(self) -> Mapping[str, str]:
        """Environment variables for the engine during an up that a good preflight went before."""

    def destroy_variables(self, *, keep_data: bool) -> Mapping[str, str]:
        """Environment variables for the engine during a destroy."""

    def stays(self, resource: Mapping[str, Any]) -> bool:
        """Whether a resource, as the state has it, stays there when data are kept."""

    def backups(self, plan: Plan) -> list[Backup]:
        """The backups that can be restored, oldest first; Refused where none are made."""

    def restore(self, plan: Plan, backup: str) -> None:
        """Put the databases back to `backup`; what was stopped for that, an `up` starts again."""

    def sweep(self, plan: Plan, *, keep_data: bool) -> None:
        """Remove what a killed run made and no state knows."""

    def remove_unrecorded(
        self,
        plan: Plan,
        began: Sequence[Began] | None,
        recorded: Sequence[Mapping[str, Any]],
    ) -> list[str]:
        """Remove what creates that `began` made and the state does not have; what it was.

        `began` is None where a run was killed and nobody can say which. `recorded` are the state's
        resources. Raises PilothouseError where that would destroy data.
        """

    def reachable(self, plan: Plan, contract: Contract) -> AbstractContextManager[Contract]:
        """The contract as whoever is outside of the platform can use it, while it is open."""

    def leftovers(self, plan: Plan, *, keep_data: bool) -> list[Leftover]:
        """Whatever of the stack exists now, by looking, of each of `leftover_kinds`."""


GeneratedSecrets = Mapping[str, Mapping[str, str]]
"""Secrets by name, each group by the logical name of the resource that holds it."""


@dataclass(frozen=True, kw_only=True)
class Rendering:
    """What a stack is made of, as files.

    files: texts by file name, in the order in which they can be applied one by one.
    secrets: what was generated for them; None where placeholders stand in its place.
    placeholders: these, such as `<storage/admin-secret>`, sorted.
    warnings: what the program warned of.
    """

    files: Mapping[str, str]
    secrets: GeneratedSecrets | None
    placeholders: Sequence[str]
    warnings: Sequence[str]


class Renderer(Protocol):
    """A target's way to write a stack down instead of making it: no engine, no network."""

    def __call__(self, program: Callable[[], object], known: GeneratedSecrets | None) -> Rendering:
        """What `program`, which makes the platform, asks for.

        `known` are the secrets to use, and more are generated as needed; None puts recognisable
        placeholders in the place of all of them.
        """
