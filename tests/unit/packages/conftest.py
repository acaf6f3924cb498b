"""A project with a team's package in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from testkit.support.tools import uv

from pilothouse.config.platform_spec import Platform, load

MANIFEST = """\
[project]
name = "Churn.Model"
version = "0.3.0"
requires-python = ">=3.11"
dependencies = {requires}
[project.optional-dependencies]
plots = ["matplotlib"]
[project.scripts]
churn = "churn:main"
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[tool.hatch.build.targets.wheel]
packages = ["churn"]
"""
PLATFORM = """\
name: demo
owner: ml-team@example.org
pilot: {expires: 2027-12-31, monthlyBudget: 500}
workload:
  steps: [{name: train, command: [churn]}]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with `churn`, a package; uv is on PATH."""
    monkeypatch.setenv("PATH", str(uv().parent), prepend=":")
    write_package(tmp_path / "churn")
    return tmp_path


def write_package(folder: Path, *, requires: str = "[]", text: str = "def main(): pass\n") -> None:
    (folder / "churn").mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(MANIFEST.format(requires=requires), encoding="utf-8")
    (folder / "churn" / "__init__.py").write_text(text, encoding="utf-8")


@pytest.fixture
def platform(project: Path) -> Callable[..., Platform]:
    """Reads a platform.yaml with these lines of `workload`."""

    def read(*lines: str) -> Platform:
        file = project / "platform.yaml"
        file.write_text(PLATFORM + "".join(f"  {line}\n" for line in lines), encoding="utf-8")
        return load(file, today=None)

    return read
