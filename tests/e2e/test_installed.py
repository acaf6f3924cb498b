"""The built wheel in a clean environment, a clean HOME and an empty folder: a whole life."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from testkit.support.distributions import build_wheel
from testkit.support.stacks import (
    ENVIRONMENTS,
    REPOSITORY,
    Stack,
    empty_folder,
    end_all,
    free_block,
    own_package_environments,
)
from testkit.support.tools import uv
from typing_extensions import override

pytestmark = [pytest.mark.live, pytest.mark.timeout(1800)]  # each command has its own, shorter one


@dataclass(frozen=True)
class InstalledStack(Stack):
    """A stack of a project outside of the repository, driven by an installed `pilothouse`."""

    @property
    def program(self) -> Path:
        return self.project.parent / "cli" / "bin" / "pilothouse"

    @override
    def command(self, *arguments: str) -> list[str]:
        named = () if arguments[0] in ("init", "setup") else (self.name,)
        folder = () if arguments[0] == "init" else ("--project",)
        return [str(self.program), *arguments, *named, *folder, str(self.project)]

    @override
    def environment(self) -> dict[str, str]:
        """The caller's indexes and caches; nothing of the repository but its pulumi and its uv."""
        own = str(REPOSITORY / ".venv")
        others = [f for f in os.environ["PATH"].split(os.pathsep) if not f.startswith(own)]
        tools = [str(REPOSITORY / ".toolchain" / "bin"), str(uv().parent)]
        unwanted = ("PYTHON", "PULUMI_")
        inherited = {k: v for k, v in super().environment().items() if not k.startswith(unwanted)}
        return inherited | {
            "HOME": str(self.project.parent / "home"),
            "PATH": os.pathsep.join([*tools, *others]),
            "UV_CACHE_DIR": subprocess.check_output([uv(), "cache", "dir"], text=True).strip(),
            "TMPDIR": str(self.project.parent / "tmp"),
        }


@pytest.fixture
def stack() -> Iterator[InstalledStack]:
    """The wheel installed as a user would, from hashed locks; the project does not exist yet."""
    with own_package_environments(), empty_folder() as folder:
        for name in ("home", "tmp", "dist"):
            (folder / name).mkdir()
        python = folder / "cli" / "bin" / "python"
        lock, base = REPOSITORY / "locks" / "pilothouse.txt", Path(sys.executable).resolve()
        options = ("-q", "--compile-bytecode", "--python", python)
        wheel = build_wheel(folder / "dist")
        subprocess.run([uv(), "venv", "-q", "--python", base, folder / "cli"], check=True)
        for what in (("--require-hashes", "-r", lock), ("--no-deps", wheel)):
            subprocess.run([uv(), "pip", "install", *options, *what], check=True)
        made = InstalledStack(folder / "demo", "local", free_block())
        try:
            yield made
        finally:
            end_all(made)


def share_environments(stack: Stack) -> None:
    """Have the stack use this machine's ports and environments of the services."""
    file = stack.project / "stacks" / "Pulumi.local.yaml"
    document = yaml.safe_load(file.read_text())
    settings = {"basePort": stack.base_port, "environments": str(ENVIRONMENTS)}
    document["config"]["pilothouse:local"] = settings
    file.write_text(yaml.safe_dump(document))


def import_paths(stack: InstalledStack, python: Path) -> str:
    code = "import sys, pilothouse; print(pilothouse.__file__, *sys.path)"
    return subprocess.check_output(
        [python, "-c", code], env=stack.environment(), cwd=stack.project, text=True
    )


def test_a_wheel_is_enough_to_make_prove_and_delete_a_platform(stack: InstalledStack) -> None:
    stack.run("init")
    share_environments(stack)
    assert "run `pilothouse setup`" in stack.run("up", expect=2)
    stack.run("setup")
    environment = stack.project / ".venv"
    made = {path: path.stat().st_mtime_ns for path in environment.iterdir()}
    assert "install" not in stack.run("setup")
    assert {path: path.stat().st_mtime_ns for path in environment.iterdir()} == made
    for python in (stack.program.with_name("python"), environment / "bin" / "python"):
        assert str(REPOSITORY) not in import_paths(stack, python)
    stack.run("up")
    assert "proved" in stack.run("verify")
    assert "train | trained: {'slope': " in stack.run("run", "--follow")
    stack.run("down", "--yes")
    assert stack.traces() == []
    assert {path.name for path in stack.project.iterdir()} == {
        *("Pulumi.yaml", "platform.yaml", "stacks", "infra", ".gitignore"),
        *("pipeline", "workload.lock"),
        *(".venv", ".toolchain", ".pilothouse"),
    }
