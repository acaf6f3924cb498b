"""The team's package on this machine: an environment of its own, and what its steps use."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pilothouse.errors import InvalidInput, Problem
from pilothouse.packages.uv import UvFailed
from pilothouse.targets.local.processes import process_table
from pilothouse.targets.local.processes.files import write_private
from pilothouse.targets.local.resources.environment import install

if TYPE_CHECKING:
    from pilothouse.config.platform_spec import Platform
    from pilothouse.config.workload import Workload
    from pilothouse.packages.package import Package
    from pilothouse.targets.local.processes.layout import Layout

SHOWN_PROGRAMS = 20
_MIB = 1 << 20


def prepare(layout: Layout, platform: Platform, workload: Workload, package: Package) -> None:
    """Install the package where it is not yet, by wheels alone.

    Raises InvalidInput where this machine lacks the Python, a dependency has no wheel for it, or a
    step needs more than the machine has or a program that the environment lacks.
    """
    if problems := list(_too_large(platform, workload)):
        raise InvalidInput(problems)
    environment = _environment(layout, package)
    try:
        install(
            environment,
            package.requirements,
            str(package.wheel) if package.wheel else None,
            python=package.python,
            options=["--no-build"],
            variables={},
        )
    except UvFailed as error:
        key = "python" if error.command == "venv" else "package"
        problem = platform.problem(
            f"workload.{key}",
            found=f"what cannot be installed for Python {package.python}: {error}",
            remedy=f"install that Python (`uv python install {package.python}`)"
            if key == "python"
            else "correct what it requires, or the lock: each needs a wheel for this machine and a "
            "hash",
        )
        raise InvalidInput([problem]) from error
    if problems := list(_missing_programs(platform, workload, environment)):
        raise InvalidInput(problems)


def deliver(layout: Layout, package: Package, secrets: Mapping[str, str]) -> None:
    """Write what the steps of runs that begin from now on use."""
    document = {"package": package.digest, "secrets": dict(secrets)}
    write_private(layout.delivered_package, json.dumps(document))


def delivered_secrets(layout: Layout) -> Mapping[str, str]:
    """The secrets of the last delivery; none if there was none."""
    try:
        found: Mapping[str, str] = json.loads(layout.delivered_package.read_text())["secrets"]
    except FileNotFoundError:
        return {}
    return found


def _environment(layout: Layout, package: Package) -> Path:
    return layout.environments / f"team-{package.digest}"


def _too_large(platform: Platform, workload: Workload) -> Iterator[Problem]:
    cores, memory = os.cpu_count() or 1, process_table.total_memory() // _MIB
    for number, step in enumerate(workload.steps):
        place = ("workload", "steps", number, "resources")
        wanted = step.resources
        if wanted.cpu and wanted.cpu > cores * 1000:
            yield platform.problem(
                (*place, "cpu"),
                found=f"{wanted.cpu / 1000:g} cores for step {step.name}",
                remedy=f"this machine has {cores}: ask for fewer, or choose another target",
            )
        if wanted.memory and wanted.memory > memory:
            yield platform.problem(
                (*place, "memory"),
                found=f"{wanted.memory}Mi for step {step.name}",
                remedy=f"this machine has {memory}Mi: ask for less, or choose another target",
            )
        if wanted.gpus:
            yield platform.problem(
                (*place, "gpus"),
                found=f"{wanted.gpus} for step {step.name}",
                remedy="target local offers no GPUs: set 0, or choose a target that does",
            )


def _missing_programs(
    platform: Platform, workload: Workload, environment: Path
) -> Iterator[Problem]:
    programs = environment / "bin"
    for number, step in enumerate(workload.steps):
        if not shutil.which(step.command[0], path=f"{programs}{os.pathsep}{os.defpath}"):
            there = sorted(path.name for path in programs.iterdir() if _is_of_package(path))
            yield platform.problem(
                ("workload", "steps", number, "command", 0),
                found=f"no program {step.command[0]!r} in the package's environment",
                remedy="name one of its entry points (project.scripts in pyproject.toml); there "
                f"are: {', '.join(there[:SHOWN_PROGRAMS]) or 'none'}",
            )


def _is_of_package(path: Path) -> bool:
    return not path.name.lower().startswith(("activate", "python", "pydoc", "deactivate"))
