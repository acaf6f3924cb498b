"""`needs.yaml`: what a team needs of a platform, whichever it takes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from pilothouse.advice.catalogue import Catalogue
from pilothouse.config import validation, yaml_reader
from pilothouse.config.section import Section
from pilothouse.config.yaml_reader import Document, KeyPath
from pilothouse.errors import InvalidInput, Problem, one_of, shown

FILE = "needs.yaml"

NAMES = (
    "residency",
    "mustHaves",
    "budget",
    "gpus",
    "scheduled",
    "workloads",
    "people",
    "skills",
    "operationsHours",
    "existing",
    "lockIn",
)
"""The needs by which options are judged."""
OF_CAPABILITIES = ("mustHaves", "workloads")
"""Those of which each capability counts by itself."""

Place = Literal["anywhere", "own-account", "own-hardware"]
Gpus = Literal["none", "sometimes", "always"]
Tolerance = Literal["low", "medium", "high"]


class Team(Section):
    """Who works with the platform, and who keeps it running."""

    people: int = Field(ge=1, le=10_000, description="How many people work with the platform.")
    skills: list[str] = Field(
        default_factory=list, description="What the team knows well enough to operate it."
    )
    operations_hours: float = Field(
        ge=0, le=10_000, description="Hours a month that the team has for operations."
    )


class Residency(Section):
    """Where data may be."""

    place: Place = Field(
        default="anywhere",
        description="`anywhere`: a provider may hold them. `own-account`: in a cloud account or a "
        "cluster of yours only. `own-hardware`: they never leave your own machines.",
    )
    region: str = Field(default="eu", description="The part of the world that they stay in.")


class Workloads(Section):
    """What is to run."""

    capabilities: list[str] = Field(
        default_factory=list, description="What the work uses; an option that lacks it is weaker."
    )
    gpus: Gpus = Field(
        default="none",
        description="`sometimes`: single jobs need them. `always`: one is busy most of the time.",
    )
    scheduled: bool = Field(
        default=False, description="Whether runs have to start by themselves, day and night."
    )


class Existing(Section):
    """What is there already."""

    cluster: bool = Field(default=False, description="Whether there is a cluster to use.")
    accounts: list[str] = Field(
        default_factory=list, description="The providers with which there is an account."
    )


class Needs(Section):
    """What a team needs."""

    team: Team = Field(description="Who works with the platform, and who keeps it running.")
    budget: float = Field(gt=0, le=1_000_000, description="US dollars a month for the platform.")
    must_haves: list[str] = Field(
        default_factory=list, description="Without each of these an option is excluded."
    )
    residency: Residency = Field(
        default_factory=Residency, description="Where data may be; anywhere in Europe by default."
    )
    workloads: Workloads = Field(
        default_factory=Workloads, description="What is to run; nothing special by default."
    )
    existing: Existing = Field(
        default_factory=Existing, description="What is there already; nothing by default."
    )
    lock_in: Tolerance = Field(
        default="medium",
        description="How much may be rewritten on leaving: `low` is little, `high` is anything.",
    )
    weights: dict[str, Annotated[float, Field(ge=0)]] = Field(
        default_factory=dict,
        description="How much a need counts, by its name in the table; 1 where it is not named.",
    )


def read(path: Path, catalogue: Catalogue) -> Needs:
    """The needs in a file; raises InvalidInput with every problem."""
    document = yaml_reader.read(path)
    needs = validation.parse(Needs, document.data, document=document)
    if problems := list(_unknown(needs, document, catalogue)):
        raise InvalidInput(problems)
    return needs


def schema(catalogue: Catalogue) -> dict[str, Any]:
    """The JSON Schema of the file, with the words that the catalogue knows."""
    made = Needs.model_json_schema()
    for path, words in _vocabulary(catalogue).items():
        *sections, key = path
        properties = made["properties"]
        for section in sections:
            name = properties[section]["$ref"].rpartition("/")[2]
            properties = made["$defs"][name]["properties"]
        place = properties[key].get("items", properties[key])
        place["enum"] = sorted(words)
    return made


def _vocabulary(catalogue: Catalogue) -> dict[KeyPath, Collection[str]]:
    return {
        ("team", "skills"): catalogue.skills,
        ("residency", "region"): catalogue.regions,
        ("workloads", "capabilities"): catalogue.capabilities,
        ("existing", "accounts"): catalogue.providers,
        ("mustHaves",): catalogue.capabilities,
    }


def _unknown(needs: Needs, document: Document, catalogue: Catalogue) -> Iterator[Problem]:
    written = needs.model_dump(by_alias=True)
    for path, known in _vocabulary(catalogue).items():
        value: Any = written
        for key in path:
            value = value[key]
        words = enumerate(value) if isinstance(value, list) else [(None, value)]
        for index, word in words:
            if word not in known:
                place = path if index is None else (*path, index)
                remedy = one_of(word, sorted(known))
                yield document.problem(place, found=shown(word), remedy=remedy)
    names = _names(catalogue)
    for name in needs.weights:
        if name not in names:
            yield document.problem(
                ("weights", name), found=shown(name), remedy=one_of(name, sorted(names))
            )


def _names(catalogue: Catalogue) -> frozenset[str]:
    """The needs that can be weighed: all of one kind, or one capability of it."""
    parts = (f"{kind}.{name}" for kind in OF_CAPABILITIES for name in catalogue.capabilities)
    return frozenset((*NAMES, *parts))
