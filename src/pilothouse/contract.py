"""What a running stack promises to its users, the same on every target.

A target's components fill `Capability[Input[str]]`; a reader of the stack's outputs gets
`Capability[str]`. Whatever a workload, a check or a person needs to reach a platform is here,
and nothing here says which target is behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal

from typing_extensions import TypeVar

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
    people: the passwords of people's own accounts by the names of these; empty if there are none.
    submit: how code is handed over: `kind` names the way, the rest is that way's own.
    probes: the services behind the capability.
    """

    uri: Text
    console: Text
    environment: Mapping[str, Text] = field(default_factory=dict)
    secrets: Mapping[str, Text] = field(default_factory=dict)
    login: Mapping[str, Text] = field(default_factory=dict)
    people: Mapping[str, Text] = field(default_factory=dict)
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
