"""Runs a suite's tests on a copy of the project in which one mistake is planted."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from testkit.planting.mistakes import REPOSITORY, AnyMistake, Suite, plant

AT_ONCE = 2
SECONDS = 900  # of one trial on a busy machine; a program that hangs is caught too
_LEFT_OUT = shutil.ignore_patterns(
    *(".git", ".venv", ".toolchain", ".pilothouse", ".*_cache", "__pycache__", ".coverage*", "dist")
)
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Trial:
    """What the tests said of a mistake: by rung, the first test that failed."""

    mistake: AnyMistake
    caught_by: Mapping[str, str]


class Broken(Exception):
    """The tests fail without a mistake too, so that they would catch anything."""


def trials(suite: Suite, *, every_rung: bool = False) -> Iterator[Trial]:
    """Every mistake of a suite, tried; Broken where the tests fail on the code as it is.

    A mistake that a rung catches is not tried on the next, unless `every_rung`.
    """
    if failed := _failures(suite, None, every_rung=True):
        raise Broken(f"without any mistake {', '.join(failed.values())} fails")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        tried = [
            (mistake, pool.submit(_failures, suite, mistake, every_rung=every_rung))
            for mistake in suite.mistakes
        ]
        for mistake, found in tried:
            yield Trial(mistake, found.result())


def _failures(suite: Suite, mistake: AnyMistake | None, *, every_rung: bool) -> Mapping[str, str]:
    found: dict[str, str] = {}
    with copy() as project:
        if mistake:
            plant(mistake, project)
        for rung, tests in suite.rungs.items():
            if failure := _failure(project, tests):
                found[rung] = failure
            if found and not every_rung:
                break
    return found


@contextmanager
def copy() -> Iterator[Path]:
    """The project's files in a temporary folder, with the environment and the tools of this one."""
    with tempfile.TemporaryDirectory(prefix="pilothouse-mutant-") as folder:
        project = Path(folder) / "project"
        shutil.copytree(REPOSITORY, project, ignore=_LEFT_OUT)
        for shared in (".venv", ".toolchain"):
            (project / shared).symlink_to(REPOSITORY / shared)
        yield project


def _failure(project: Path, tests: Sequence[str]) -> str:
    options = ("-x", "-q", "-p", "no:randomly", "-p", "no:cacheprovider")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options, *tests],
            cwd=project,
            env=_environment(project),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"{SECONDS} s without an end"
    if done.returncode == 0:
        return ""
    found = _FAILED.search(done.stdout)
    return found[1] if found else f"pytest's exit code {done.returncode}"


def _environment(project: Path) -> dict[str, str]:
    """The caller's, for the copy's code, and nothing that would count as the caller's own run."""
    foreign = ("COVERAGE_", "COV_CORE_", "PYTEST_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    source = project / "src"
    paths = [source, project, source / "pilothouse" / "workload"]
    own = {"PYTHONPATH": os.pathsep.join(map(str, paths)), "PYTHONDONTWRITEBYTECODE": "1"}
    return kept | own
