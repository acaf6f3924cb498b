"""A platform on a target as everything that makes it needs it: sizes, names, tags. Pure."""

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pilothouse.config.platform_spec import Platform
from pilothouse.errors import InvalidInput, Problem, shown

FEATURES = frozenset({"gpu", "public-access"})
"""What a target may offer beyond the basics: GPUs for tasks; consoles and APIs served publicly."""

PARALLELISM: Mapping[str, int] = MappingProxyType({"small": 4, "medium": 16, "large": 32})
"""How many tasks may run at once, by size, unless the platform says."""

NAME_LIMIT = 63
"""Characters that a DNS label, and so most services, bear."""

SHORTEST_LIMIT = 24
"""Characters below which a name could not tell its platform, its role and its stack apart."""

_STACK = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_ROLE = re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?")
_DIGEST = 6


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be made.

    `settings` are the target's own. `parallelism` is how many tasks may run at once. `tags` mark
    everything that can carry a tag or a label; they fit a Kubernetes label. `project` is the folder
    that the project's files are in. `locked_images` has an image with its digest by role, where
    one was locked.
    """

    platform: Platform
    stack: str
    target: str
    settings: Any
    parallelism: int
    size: str
    tags: Mapping[str, str]
    project: Path
    locked_images: Mapping[str, str]

    @property
    def suffix(self) -> str:
        """What every physical name of this stack, and of no other, ends with."""
        return _digest(self.platform.name, self.stack)

    def name(self, role: str, *, limit: int = NAME_LIMIT) -> str:
        """The physical name of `role`: `<platform>-<stack>-<role>-<suffix>`, lower-case.

        A name longer than `limit` characters is cut, and a digest of what it was is put in.
        Raises ValueError for a role that is no lower-case name, and below `SHORTEST_LIMIT`.
        """
        if not _ROLE.fullmatch(role) or limit < SHORTEST_LIMIT:
            raise ValueError(f"no name for role {role!r} in {limit} characters")
        head = "-".join(filter(None, (_plain(self.platform.name), _plain(self.stack), role)))
        room = limit - len(self.suffix) - 1
        if len(head) > room:
            head = f"{head[: room - _DIGEST - 1].rstrip('-')}-{_digest(head)}"
        return f"{head}-{self.suffix}"


def make(
    platform: Platform,
    *,
    stack: str,
    target: str,
    features: Collection[str],
    settings: Any,
    project: Path,
    locked_images: Mapping[str, str] | None = None,
) -> Plan:
    """Plan `platform` as `stack` on `target`, which offers `features` and has these settings.

    Raises InvalidInput, pointing into platform.yaml, where the target cannot do what is asked.
    """
    if unknown := set(features) - FEATURES:
        raise ValueError(f"target {target!r} offers unknown features: {sorted(unknown)}")
    check_stack(stack)
    if problems := list(_beyond(platform, target, features)):
        raise InvalidInput(problems)
    return Plan(
        platform=platform,
        stack=stack,
        target=target,
        settings=settings,
        parallelism=platform.compute.parallelism or PARALLELISM[platform.size],
        size=platform.size,
        tags=_tags(platform, stack),
        project=project,
        locked_images=dict(locked_images or {}),
    )


def check_stack(stack: str) -> None:
    """Raise InvalidInput unless `stack` is a stack's name as Pulumi takes it."""
    if _STACK.fullmatch(stack) and stack.strip("."):
        return
    remedy = "use up to 100 letters, digits, dashes, dots and underscores"
    raise InvalidInput([Problem(file="", key="stack", found=shown(stack), remedy=remedy)])


def _beyond(platform: Platform, target: str, features: Collection[str]) -> Iterator[Problem]:
    gpus, host = platform.compute.gpus, platform.access.host
    if gpus and "gpu" not in features:
        remedy = f"target {target} offers no GPUs: set 0, or choose a target that does"
        yield platform.problem("compute.gpus", found=str(gpus), remedy=remedy)
    if platform.access.exposure == "public" and "public-access" not in features:
        remedy = f"target {target} serves nothing publicly: set private and remove host {host}, "
        remedy += "or choose a target that does"
        yield platform.problem("access.exposure", found="public", remedy=remedy)


def _tags(platform: Platform, stack: str) -> Mapping[str, str]:
    return {
        "pilothouse-platform": platform.name,
        "pilothouse-stack": _label(stack),
        "pilothouse-owner": platform.owner.replace("@", "_"),
        "pilothouse-expires": platform.pilot.expires.isoformat(),
    }


def _label(text: str) -> str:
    """`text` if it is valid as a label's value, else the nearest that is, with a digest."""
    if len(text) <= NAME_LIMIT and _LABEL.fullmatch(text):
        return text
    plain = _plain(text)[: NAME_LIMIT - _DIGEST - 1].rstrip("-")
    return f"{plain}-{_digest(text)}".lstrip("-")


def _plain(text: str) -> str:
    return re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:_DIGEST]
