"""`pilothouse setup`: which parts of the recipe it runs for a project, and how it reports them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from testkit.support.stacks import write_stack_file
from typer.testing import CliRunner

from pilothouse import cli
from pilothouse.lifecycle import installation

SETUP = """
import pathlib, sys
print("working …")
with (pathlib.Path(__file__).parent / "runs").open("a") as runs:
    runs.write(" ".join(sys.argv[1:]) + "\\n")
print("setup: %s")
print("the second line")
sys.exit(%d)
"""


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A recipe that writes down its options, with a lock and a plugin for kubernetes only."""
    folder = tmp_path / "recipe"
    (folder / "toolchain" / "kubernetes-plugin").mkdir(parents=True)
    (folder / "toolchain" / "setup.py").write_text(SETUP % ("ready in 1.0 s", 0))
    (folder / "locks").mkdir()
    (folder / "locks" / "kubernetes.txt").touch()
    monkeypatch.setattr(installation, "recipe", lambda: folder)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "stacks").mkdir(parents=True)
    (folder / "Pulumi.yaml").write_text("name: demo\n")
    return folder


def run(project: Path, *options: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli.app, ["setup", "-C", str(project), *options])
    return result.exit_code, result.stdout, result.stderr


def runs(recipe: Path) -> list[str]:
    file = recipe / "toolchain" / "runs"
    return file.read_text().splitlines() if file.exists() else []


def test_a_project_gets_the_tools_and_its_progress_is_shown(recipe: Path, project: Path) -> None:
    code, said, _ = run(project)
    assert (code, runs(recipe)) == (0, [f"--root {project}"])
    assert said.splitlines() == ["working …", "setup: ready in 1.0 s", "the second line"]


def test_each_target_of_its_stacks_adds_its_lock_and_its_plugins_once(
    recipe: Path, project: Path
) -> None:
    for stack, target in (("a", "local"), ("b", "kubernetes"), ("c", "kubernetes"), ("d", "aws")):
        write_stack_file(project, stack, target, {})
    code, said, told = run(project, "--json")
    assert code == 0
    assert runs(recipe) == [
        f"--root {project} --lock=kubernetes",
        f"--root {project} --only kubernetes-plugin",
    ]
    assert json.loads(said)["targets"] == ["aws", "kubernetes", "local"]
    assert "working" in told


def test_a_failed_step_is_an_error_with_the_recipes_own_words(recipe: Path, project: Path) -> None:
    (recipe / "toolchain" / "setup.py").write_text(SETUP % ("no index", 1))
    code, said, told = run(project)
    assert code == 1
    assert "setup: no index\nthe second line" in told
    assert said == "working …\n"


def test_a_wrong_stack_file_is_refused_before_anything_is_installed(
    recipe: Path, project: Path
) -> None:
    write_stack_file(project, "dev", "locale", {})
    code, _, told = run(project)
    assert (code, runs(recipe)) == (2, [])
    assert "did you mean local" in told


def test_without_a_project_the_way_to_one_is_named(recipe: Path, tmp_path: Path) -> None:
    code, _, told = run(tmp_path)
    assert (code, runs(recipe)) == (1, [])
    assert "pilothouse init" in told
