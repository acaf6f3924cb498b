"""The systems that a team may choose from, as data: each row with its source and its date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from pilothouse.config import validation, yaml_reader
from pilothouse.config.section import Section

Confidence = Literal["checked", "documented", "judged"]
OPEN_SOURCE = "open-source"
"""The capability of an option whose systems all have an open-source licence."""


def _to_date(value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(value, str) else value


Day = Annotated[date, BeforeValidator(_to_date)]


class System(Section):
    """A system or a service."""

    name: str = Field(description="Its name, as its makers write it.")
    offers: list[str] = Field(description="Its capabilities.")
    runs: str = Field(description="Where it runs.")
    licence: str = Field(description="Under which licence, or terms, it is used.")
    open_source: bool = Field(description="Whether the licence is an open-source one.")
    skills: list[str] = Field(default_factory=list, description="What one has to know.")
    at_rest: str = Field(description="What it costs while nothing runs.")
    leaves: str = Field(description="What leaves with a team that leaves it.")
    lock_in: Literal["low", "medium", "high"] = Field(description="How much is rewritten then.")
    ended: Day | None = Field(default=None, description="The day on which it was shut down.")
    successor: str = Field(default="", description="What its users take now, if it has ended.")
    source: str = Field(description="The address of where that is from.")
    date: Day = Field(description="The day on which that was looked at, or decided.")
    confidence: Confidence = Field(
        description="`checked`: tried or read in its own files. `documented`: as its makers "
        "document it, not read again here. `judged`: an opinion."
    )


class Option(Section):
    """A way to set systems up: as a stack, if it has a target."""

    title: str = Field(description="What it is, in words.")
    systems: list[str] = Field(description="The systems that it consists of.")
    target: str | None = Field(default=None, description="The target of its stack.")
    platform: dict[str, Any] = Field(
        default_factory=dict, description="What platform.yaml says for it, besides the rest."
    )
    stack: str = Field(
        default="", description="The target's settings, as YAML with {region} for the region."
    )
    regions: dict[str, str] = Field(
        description="The region that is taken, by the part of the world that data stay in."
    )
    place: Literal["anywhere", "own-account", "own-hardware"] = Field(
        description="Where its data are at most: the strictest need that it still meets."
    )
    provider: str | None = Field(default=None, description="With whom an account is needed.")
    cluster: bool = Field(default=False, description="Whether it needs a cluster.")
    people: int = Field(description="With how many people it still works well.")
    gpus: Literal["none", "owned", "by-the-hour"] = Field(description="Where GPUs are from.")
    unattended: bool = Field(description="Whether it runs while nobody's own machine is on.")
    operations_hours: float = Field(description="Hours of operations a month, to be expected.")
    source: str = Field(description="Where people, hours and GPUs are from.")
    date: Day = Field(description="The day on which that was decided.")
    confidence: Confidence = Field(description="As that of a system.")


class _Rows(Section):
    """The catalogue's file."""

    capabilities: dict[str, str]
    systems: dict[str, System]
    options: dict[str, Option]


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """What can be chosen. `capabilities` are in words, by their name."""

    words: Mapping[str, str]
    systems: Mapping[str, System]
    options: Mapping[str, Option]

    @cached_property
    def capabilities(self) -> frozenset[str]:
        """The capabilities that can be asked for."""
        return frozenset(self.words)

    @cached_property
    def skills(self) -> frozenset[str]:
        """What one may know."""
        return frozenset(skill for each in self.systems.values() for skill in each.skills)

    @cached_property
    def providers(self) -> frozenset[str]:
        """With whom one may have an account."""
        return frozenset(each.provider for each in self.options.values() if each.provider)

    @cached_property
    def regions(self) -> frozenset[str]:
        """The parts of the world that data may have to stay in."""
        return frozenset(region for each in self.options.values() for region in each.regions)

    def parts(self, option: Option) -> Iterator[System]:
        """The systems of an option."""
        return (self.systems[name] for name in option.systems)

    def offering(self, option: Option, capability: str) -> list[str]:
        """The names of the option's systems that offer a capability."""
        if capability == OPEN_SOURCE:
            parts = list(self.parts(option))
            return [each.name for each in parts] if all(p.open_source for p in parts) else []
        return [each.name for each in self.parts(option) if capability in each.offers]

    def skills_of(self, option: Option) -> list[str]:
        """What one has to know for an option, each once."""
        return list(dict.fromkeys(skill for each in self.parts(option) for skill in each.skills))


def load() -> Catalogue:
    """The catalogue of the package."""
    with resources.as_file(resources.files(__package__) / "catalogue.yaml") as path:
        return read(path)


def read(path: Path) -> Catalogue:
    """A catalogue from its file; raises InvalidInput with every problem."""
    document = yaml_reader.read(path)
    rows = validation.parse(_Rows, document.data, document=document)
    return Catalogue(words=rows.capabilities, systems=rows.systems, options=rows.options)
