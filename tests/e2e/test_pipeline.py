"""The pipeline that is written for GitLab, run on this machine from a commit: a whole life."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from testkit.pipelines import gitlab_ci_local
from testkit.support.distributions import build_wheel
from testkit.support.stacks import (
    ENVIRONMENTS,
    REPOSITORY,
    Stack,
    empty_folder,
    end_all,
    free_block,
    own_package_environments,
    write_stack_file,
)
from testkit.support.tools import uv

pytestmark = [pytest.mark.live, pytest.mark.timeout(1800)]

PROGRAM = REPOSITORY / ".venv" / "bin" / "pilothouse"


@pytest.fixture
def stack() -> Iterator[Stack]:
    """A new project in a repository, with the pipeline for its stack; nothing is installed."""
    with own_package_environments(), empty_folder() as folder:
        made = Stack(folder / "demo", "local", free_block())
        made.project.mkdir()
        (folder / "tmp").mkdir()
        run(made, PROGRAM, "init", "--owner", "ml-team")
        settings = {"basePort": made.base_port, "environments": str(ENVIRONMENTS)}
        write_stack_file(made.project, made.name, "local", settings)
        wheel = build_wheel(folder / "dist")
        run(made, PROGRAM, "ci", "gitlab", "--package", str(wheel))
        address = "https://gitlab.example.org/team/demo.git"
        for git in (("init", "-q", "-b", "main"), ("remote", "add", "origin", address)):
            run(made, "git", *git)
        commit(made)
        try:
            yield made
        finally:
            end_all(made)


def commit(stack: Stack) -> None:
    """Commit what git does not ignore, as somebody."""
    somebody = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
    run(stack, "git", "add", "--all")
    run(stack, "git", *somebody, "commit", "-q", "-m", "a pilot")


def run(stack: Stack, *command: str | Path, fails: bool = False) -> str:
    """What a command says in the project; it finds the tools of the repository, not its package."""
    own = str(REPOSITORY / ".venv")
    others = [each for each in os.environ["PATH"].split(os.pathsep) if not each.startswith(own)]
    tools = [str(REPOSITORY / ".toolchain" / "bin"), str(uv().parent)]
    variables = {
        name: value
        for name, value in stack.environment().items()
        if not name.startswith(("PYTHON", "VIRTUAL_ENV"))
    }
    done = subprocess.run(
        command,
        cwd=stack.project,
        env={
            **variables,
            "HOME": str(stack.project.parent / "home"),
            "PATH": os.pathsep.join([*tools, *others]),
            "TMPDIR": str(stack.project.parent / "tmp"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode != 0) == fails, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_pipeline_of_gitlab_makes_proves_and_deletes_a_stack(
    stack: Stack, tmp_path: Path
) -> None:
    cache = subprocess.check_output([uv(), "cache", "dir"], text=True).strip()
    options = ("--force-shell-executor", "--variable", f"UV_CACHE_DIR={cache}")
    gitlab = [*gitlab_ci_local(tmp_path), *options]
    said = run(stack, *gitlab)
    assert "setup: ready" in said
    assert "proved in" in said
    assert "of it is left" in said
    assert "PASS life-local" in " ".join(said.split())
    assert stack.traces() == []
    assert (stack.project / ".venv" / "bin" / "pilothouse").exists()
    file = stack.project / "stacks" / "Pulumi.local.yaml"
    settings = yaml.safe_load(file.read_text())
    settings["config"]["pilothouse:local"]["basePort"] = 1
    file.write_text(yaml.safe_dump(settings))
    commit(stack)
    assert "basePort" in run(stack, *gitlab, fails=True)
