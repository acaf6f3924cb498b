"""A stack is set up in an unusual environment: odd paths, no home, a private umask."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace

import pytest

from tests.targets.toy.toy_stack import ToyStack

pytestmark = pytest.mark.engine


def moved(stack: ToyStack, name: str) -> ToyStack:
    """The stack with its project in a folder of that name in the project."""
    project = stack.project / name
    project.mkdir()
    for part in ("infra", ".venv", ".toolchain", "stacks", "Pulumi.yaml", "platform.yaml"):
        shutil.move(stack.project / part, project / part)
    (project / "tmp").mkdir()
    return replace(stack, project=project)


def up(stack: ToyStack, environment: dict[str, str], umask: int = -1) -> None:
    """`pilothouse up`, which must succeed."""
    done = subprocess.run(
        stack.command("up"),
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        umask=umask,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_sign_in_the_path_does_harm(stack: ToyStack) -> None:
    odd = moved(stack, "Müllers Plan #2? %20 & 'more'")
    odd.run("up")
    assert len(odd.things()) == 4
    odd.run("preview", "--expect-no-changes")
    odd.run("down", "--yes")
    assert odd.things() == {}


@pytest.mark.parametrize("home", ["/proc/read-only", ""])
def test_no_writable_home_is_needed(stack: ToyStack, home: str) -> None:
    environment = {**stack.environment(), "HOME": home}
    del environment["PULUMI_HOME"]
    if not home:
        del environment["HOME"]
    up(stack, environment)
    assert len(stack.things()) == 4


def test_a_private_umask_does_no_harm(stack: ToyStack) -> None:
    up(stack, stack.environment(), umask=0o077)
    stack.run("preview", "--expect-no-changes")
