"""A platform on a target as everything that makes it needs it: sizes, names, tags. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, Self

from typing_extensions import TypeVar

from pilothouse.config.platform_spec import ENGINES, Platform
from pilothouse.errors import InvalidInput, Problem
from pilothouse.naming import LabelRule, NamingRule, check_stack

SettingsT = TypeVar("SettingsT")
SettingsT_co = TypeVar("SettingsT_co", covariant=True, default=Any)

PARALLELISM: Mapping[str, int] = MappingProxyType({"small": 4, "medium": 16, "large": 32})
"""How many tasks may run at once, by size, unless the platform says."""


@dataclass(frozen=True, kw_only=True)
class Feature:
    """What a platform may ask for and a target may lack.

    key: the key of platform.yaml that asks for it. asked: what it asks for, empty if nothing.
    remedy: what to write instead.
    """

    key: str
    asked: Callable[[Platform], str]
    remedy: Callable[[Platform], str]


def _asked_gpus(platform: Platform) -> str:
    return str(platform.compute.gpus or "")


def _asked_exposure(platform: Platform) -> str:
    return platform.access.exposure.replace("private", "")


def _asked_people(platform: Platform) -> str:
    return ", ".join(platform.access.roles)


def _asked_oidc(platform: Platform) -> str:
    return platform.access.oidc.issuer if platform.access.oidc else ""


def _asked_workload(platform: Platform) -> str:
    return platform.workload.package if platform.workload else ""


def _asked_dags(platform: Platform) -> str:
    return platform.orchestration.dags or ""


def _asked_requirements(platform: Platform) -> str:
    return platform.orchestration.requirements or ""


def _asked_removal(platform: Platform) -> str:
    return platform.pilot.at_expiry if platform.pilot.at_expiry == "remove" else ""


def _engine_feature(capability: str, engine: str, default: str) -> Feature:
    return Feature(
        key=f"{capability}.engine",
        asked=lambda platform: engine if platform.engine(capability) == engine else "",
        remedy=lambda _platform: f"set {default}",
    )


FEATURES: Mapping[str, Feature] = MappingProxyType(
    {
        "gpu": Feature(key="compute.gpus", asked=_asked_gpus, remedy=lambda _platform: "set 0"),
        "public-access": Feature(
            key="access.exposure",
            asked=_asked_exposure,
            remedy=lambda platform: f"set private and remove host {platform.access.host}",
        ),
        "people": Feature(
            key="access.people",
            asked=_asked_people,
            remedy=lambda _platform: "remove it",
        ),
        "oidc": Feature(
            key="access.oidc",
            asked=_asked_oidc,
            remedy=lambda _platform: "remove it",
        ),
        "workload": Feature(
            key="workload",
            asked=_asked_workload,
            remedy=lambda _platform: "remove it",
        ),
        "dags": Feature(
            key="orchestration.dags",
            asked=_asked_dags,
            remedy=lambda _platform: "remove it",
        ),
        "dag-requirements": Feature(
            key="orchestration.requirements",
            asked=_asked_requirements,
            remedy=lambda _platform: "remove it",
        ),
        "removal": Feature(
            key="pilot.atExpiry",
            asked=_asked_removal,
            remedy=lambda _platform: (
                "set stop, and run `pilothouse down --if-expired` each day, "
                "as the pipeline of `pilothouse ci` does"
            ),
        ),
        **{
            f"{capability}.{engine}": _engine_feature(capability, engine, engines[0])
            for capability, engines in ENGINES.items()
            for engine in engines
        },
    }
)
"""Everything that a target may lack; it says why, by these names."""


@dataclass(frozen=True, kw_only=True)
class Plan(Generic[SettingsT_co]):
    """What is to be made.

    settings: the target's own. parallelism: how many tasks may run at once. tags: mark everything
    that can carry a tag or a label, under the target's rule. project: the folder of the project's
    files. locked_images: an image with its digest by role, where one was locked. naming: the rule
    of most of the target's names. last_day: the pilot's, or the day of an `up` that is later: what
    ends by itself does so when that day is over.
    """

    platform: Platform
    stack: str
    target: str
    settings: SettingsT_co
    parallelism: int
    tags: Mapping[str, str]
    project: Path
    locked_images: Mapping[str, str]
    last_day: date
    naming: NamingRule = field(default_factory=NamingRule)

    @property
    def size(self) -> str:
        """The platform's size: small, medium or large."""
        return self.platform.size

    @property
    def suffix(self) -> str:
        """What every physical name of this stack, and of no other, ends with."""
        return self.naming.suffix(self.platform.name, self.stack)

    def used_on(self, day: date) -> Self:
        """The plan of an `up` on that day: what it starts goes on until that day is over."""
        return replace(self, last_day=max(self.last_day, day))

    def name(self, role: str, *, rule: NamingRule | None = None) -> str:
        """The physical name of `role` under `rule`, by default the target's own.

        Raises ValueError for a role that is no lower-case name.
        """
        return (rule or self.naming).name(self.platform.name, self.stack, role)


def make(
    platform: Platform,
    *,
    stack: str,
    target: str,
    settings: SettingsT,
    project: Path,
    lacks: Mapping[str, str] = MappingProxyType({}),
    naming: NamingRule | None = None,
    labels: LabelRule | None = None,
    locked_images: Mapping[str, str] | None = None,
) -> Plan[SettingsT]:
    """Plan `platform` as `stack` on `target`, which `lacks` features, each for a reason.
    Raises InvalidInput, pointing into platform.yaml, where the target cannot do what is asked.
    """
    if unknown := set(lacks) - set(FEATURES):
        raise ValueError(f"target {target!r} lacks unknown features: {sorted(unknown)}")
    check_stack(stack)
    if problems := list(_find_lacking(platform, target, lacks)):
        raise InvalidInput(problems)
    return Plan(
        platform=platform,
        stack=stack,
        target=target,
        settings=settings,
        parallelism=platform.compute.parallelism or PARALLELISM[platform.size],
        tags=_make_tags(platform, stack, labels or LabelRule()),
        project=project,
        locked_images=dict(locked_images or {}),
        last_day=platform.pilot.expires,
        naming=naming or NamingRule(),
    )


def _find_lacking(platform: Platform, target: str, lacks: Mapping[str, str]) -> Iterator[Problem]:
    for name, reason in lacks.items():
        feature = FEATURES[name]
        if found := feature.asked(platform):
            remedy = feature.remedy(platform)
            yield platform.problem(
                feature.key,
                found=found,
                remedy=f"target {target} {reason}: {remedy}, or choose a target that does",
            )


def _make_tags(platform: Platform, stack: str, rule: LabelRule) -> Mapping[str, str]:
    return {
        "pilothouse-platform": rule.value(platform.name),
        "pilothouse-stack": rule.value(stack),
        "pilothouse-owner": rule.value(platform.owner.replace("@", "_")),
        "pilothouse-expires": rule.value(platform.pilot.expires.isoformat()),
    }
