"""checkov over a folder of rendered objects or plans, in an environment of its own."""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from testkit.support import tools

REPOSITORY = Path(__file__).parents[2]
LOCK = REPOSITORY / "locks" / "checkov.txt"
FOLDER = REPOSITORY / ".toolchain" / "checkov"


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a scan found.

    failed, skipped: `check object`, such as `CKV_K8S_20 Deployment.pilot.mlflow`; what is skipped
    is skipped by an annotation of the object.
    """

    passed: int
    failed: list[str]
    skipped: list[str]
    objects: int


def scanned(folder: Path, framework: str = "kubernetes", *, by_file: bool = False) -> Report:
    """Scan every file of `folder`; AssertionError where one can't be read.

    With `by_file` a finding begins with its file's name, such as `small: CKV_K8S_20 …`.
    """
    command: list[str | Path] = [
        *(python(), "-m", "checkov.main", "--directory", folder, "--framework", framework),
        *("--skip-download", "--compact", "--output", "json", "--soft-fail"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=500)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    summary = report.get("summary", report)  # nothing but zeros where it read no object
    assert summary["parsing_errors"] == 0, report
    results = report.get("results", {"failed_checks": [], "skipped_checks": []})
    return Report(
        passed=summary["passed"],
        failed=[_named(check, by_file) for check in results["failed_checks"]],
        skipped=[_named(check, by_file) for check in results["skipped_checks"]],
        objects=summary["resource_count"],
    )


def python() -> Path:
    """The interpreter of checkov's environment, made from its lock if need be."""
    wanted = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()
    stamp = FOLDER / "stamp"
    with _alone():
        if not stamp.is_file() or stamp.read_text() != wanted:
            _install()
            stamp.write_text(wanted)
    return FOLDER / "bin" / "python"


def _install() -> None:
    uv = tools.uv()
    shutil.rmtree(FOLDER, ignore_errors=True)
    _run(uv, "venv", "--quiet", "--python", sys.executable, FOLDER)
    install = (uv, "pip", "install", "--quiet", "--python", FOLDER / "bin" / "python")
    _run(*install, "--require-hashes", "-r", LOCK)


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(
            f"cannot create checkov's environment from {LOCK.name}: {done.stderr.strip()}; "
            "check the package index that uv uses, and run `make setup-tests`"
        )


@contextmanager
def _alone() -> Iterator[None]:
    FOLDER.parent.mkdir(exist_ok=True)
    with FOLDER.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _named(check: dict[str, Any], by_file: bool) -> str:
    file = f"{Path(check['file_path']).stem}: " if by_file else ""
    return f"{file}{check['check_id']} {check['resource']}"
