"""A project with a stack on each target, and the pipelines that are written for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pilothouse import cli, targets

Invoke = Callable[..., tuple[int, str, str]]
TARGETS = sorted(targets.BUILT_IN)


def invoke(*arguments: str | Path) -> tuple[int, str, str]:
    """The exit code of a command, and what it says."""
    result = CliRunner().invoke(cli.app, [*map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project, the root of a repository, with a stack on each target."""
    folder = tmp_path / "project"
    named = [part for target in TARGETS for part in ("--target", target)]
    assert invoke("init", folder, "--owner", "ml-team", *named)[0] == 0
    (folder / ".git").mkdir()
    return folder


@pytest.fixture
def ci(project: Path) -> Invoke:
    """`pilothouse ci` in that project."""
    return lambda *arguments: invoke("ci", "--project", project, *arguments)
