"""The team's package where steps run elsewhere: one archive in the bucket, which each unpacks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Protocol

from pilothouse.errors import InvalidInput, Problem
from pilothouse.packages import bundle
from pilothouse.packages.uv import UvFailed

if TYPE_CHECKING:
    from pilothouse.config.platform_spec import Platform
    from pilothouse.config.workload import Workload
    from pilothouse.packages.package import Package

OF_THE_IMAGE = ("bash", "env", "python", "python3", "sh")
SHOWN_PROGRAMS = 20


class PackageStore(Protocol):
    """The store that steps read packages from; both raise PilothouseError where it refuses."""

    def exists(self, name: str) -> bool:
        """Whether there is such an object."""

    def write(self, name: str, content: Path) -> None:
        """Write the file `content` as an object."""


def prepare(platform: Platform, workload: Workload, package: Package, additions: str = "") -> None:
    """Make the archive of the package, by wheels for the steps' containers alone.

    `additions` are requirements with hashes that the target adds, without what they require.
    Raises InvalidInput where a dependency has none, or a step names a program that is not there.
    """
    try:
        archive = bundle.make(package, additions)
    except UvFailed as error:
        problem = platform.problem(
            "workload.package",
            found=f"what has no wheels for Python {package.python} on {bundle.PLATFORM}: {error}",
            remedy="correct what it requires, or the lock",
        )
        raise InvalidInput([problem]) from error
    if problems := list(_missing_programs(platform, workload, bundle.programs(archive))):
        raise InvalidInput(problems)


def deliver(store: PackageStore, package: Package, additions: str = "") -> None:
    """Put the archive into the store where it is not yet, and name it as the current one."""
    key = bundle.key_of(package)
    if not store.exists(key):
        store.write(key, bundle.make(package, additions))
    with TemporaryDirectory() as folder:
        current = Path(folder, "current.json")
        current.write_text(json.dumps({"package": package.digest}), encoding="utf-8")
        store.write(f"{bundle.FOLDER}/{current.name}", current)


def _missing_programs(
    platform: Platform, workload: Workload, programs: Sequence[str]
) -> Iterator[Problem]:
    for number, step in enumerate(workload.steps):
        program = step.command[0]
        if "/" not in program and program not in (*programs, *OF_THE_IMAGE):
            yield platform.problem(
                ("workload", "steps", number, "command", 0),
                found=f"no program {program!r} in the package's environment",
                remedy="name one of its entry points (project.scripts in pyproject.toml); there "
                f"are: {', '.join(programs[:SHOWN_PROGRAMS]) or 'none'}",
            )
