"""However a part of an operation dies, the error has its last words, the log and the remedy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from testkit.support.stacks import REPOSITORY

from tests.targets.toy.toy_stack import PACKAGE, ToyStack

pytestmark = pytest.mark.engine

AGAIN = "run the same command again: it continues from there"
KILL_PARENT = """
import os, signal, time
import psutil
parents = [p for p in psutil.Process().parents() if p.name() == {name!r}]
os.kill(parents[0].pid, signal.SIGKILL)
time.sleep(30)
"""
DEATHS = {
    "an exception": (
        "def load():\n    raise KeyError('no such key')\nload()\n",
        ("KeyError: 'no such key'", "in load", "correct {program}:2"),
    ),
    "an exit without a word": (
        "import os\nos._exit(3)\n",
        ("the Pulumi program exited with code 3 and reported no error", "`main` in Pulumi.yaml"),
    ),
    "an exit with last words": (
        "import os\nfor n in range(40):\n    print('line', n, flush=True)\nos._exit(3)\n",
        ("exited with code 3", "the last lines of the output:", "  line 39"),
    ),
    "SIGKILL": (
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n",
        ("the Pulumi program was ended by SIGKILL", "memory runs out", "`journalctl -k`"),
    ),
    "SIGSEGV": (
        "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n",
        ("the Pulumi program was ended by SIGSEGV",),
    ),
    "a missing module": (
        "import missing_module\n",
        ("No module named 'missing_module'", "install the module missing_module", "{program}:1"),
    ),
    "a syntax error": (
        "def load(:\n",
        ("SyntaxError: invalid syntax", "correct {program}:1"),
    ),
    "the language host's SIGKILL": (
        KILL_PARENT.format(name="pulumi-language-python"),
        ("the language host (`pulumi-language-python`) or a plugin died", "`dmesg`"),
    ),
    "the engine's SIGKILL": (
        KILL_PARENT.format(name="pulumi"),
        ("the Pulumi engine (`pulumi`) was ended by SIGKILL", "memory runs out"),
    ),
}  # fmt: skip
UNTOLD = ("unhandled error", "code: ", "UserWarning", "runpy", "pulumi-language-python-exec")


def set_program(stack: ToyStack, before: str) -> Path:
    """Put text before the repository's program, as a copy of it in the project; its file."""
    folder = stack.project / "infra"
    if folder.is_symlink():
        folder.unlink()
        shutil.copytree(REPOSITORY / "infra", folder, symlinks=True)
    program = folder / "__main__.py"
    program.write_text(before + (REPOSITORY / "infra" / "__main__.py").read_text())
    return program


def set_create(stack: ToyStack, statement: str) -> dict[str, str]:
    """Variables with which a plugin runs the statement before it creates the machine."""
    package = stack.project / "package"
    shutil.copytree(PACKAGE, package)
    file = package / "pilothouse_toy" / "resources.py"
    head = "    def create(self, props: dict[str, Any]) -> CreateResult:\n"
    assert head in file.read_text()
    run = f"        if props['kind'] == 'machine':\n            {statement}\n"
    file.write_text(file.read_text().replace(head, head + run))
    return {"PYTHONPATH": str(package)}


def set_tool(stack: ToyStack, name: str, script: str) -> Path:
    """Put a script in the place of a program of the tool chain, for this project; its file."""
    tools = stack.project / ".toolchain"
    tools.unlink()
    (tools / "bin").mkdir(parents=True)
    (tools / "uv").symlink_to(REPOSITORY / ".toolchain" / "uv")
    for tool in (REPOSITORY / ".toolchain" / "bin").iterdir():
        (tools / "bin" / tool.name).symlink_to(tool)
    changed = tools / "bin" / name
    changed.unlink()
    changed.write_text(f"#!/bin/sh\n{script}\n")
    changed.chmod(0o755)
    return changed


def log_of(stack: ToyStack) -> Path:
    return stack.project / ".pilothouse" / "logs" / "pilot.log"


def error_in(stack: ToyStack, output: str) -> str:
    """The error at the end of an output, which names the log and the remedy."""
    assert "error:" in output, output
    error = output[output.index("error:") :]
    assert f"the whole output is in {log_of(stack)}\n" in error
    assert "\nwhat to do: " in error
    assert log_of(stack).stat().st_mode & 0o777 == 0o600
    return error


@pytest.mark.parametrize("death", DEATHS)
def test_the_end_of_a_program_is_explained(stack: ToyStack, death: str) -> None:
    text, told = DEATHS[death]
    program = set_program(stack, text)
    output = stack.run("preview", expect=1)
    error = error_in(stack, output)
    for part in (*told, AGAIN):
        assert part.format(program=program) in error
    for part in UNTOLD:
        assert part not in output


def test_a_log_has_all_lines_of_the_program(stack: ToyStack) -> None:
    set_program(stack, "for n in range(40):\n    print('line', n)\nraise SystemExit(5)\n")
    assert "line 0\n" not in error_in(stack, stack.run("preview", expect=1))
    log = log_of(stack).read_text()
    assert all(f"line {n}\n" in log for n in range(40))
    assert "debug: " not in log


def test_a_plugin_that_dies_is_named_with_what_it_worked_on(stack: ToyStack) -> None:
    last_words = "import os, sys; print('heap is full', file=sys.stderr, flush=True); os._exit(4)"
    error = error_in(stack, stack.run("up", expect=1, **set_create(stack, last_words)))
    assert "a provider plugin died while it worked on" in error
    assert "Thing machine" in error
    assert "  heap is full" in error
    stack.run("up")
    assert len(stack.things()) == 4


def test_an_exception_in_a_plugin_has_the_resource(stack: ToyStack) -> None:
    variables = set_create(stack, "{}['no such key']")
    error = error_in(stack, stack.run("up", expect=1, **variables))
    assert "Thing machine: KeyError: 'no such key'\n" in error
    assert "Traceback" not in error
    assert "Traceback" in log_of(stack).read_text()


def test_an_up_heals_what_a_killed_engine_left(stack: ToyStack) -> None:
    parents = "psutil.Process().parents()"
    kill = f"import psutil; [p.kill() for p in {parents} if p.name() == 'pulumi']"
    output = stack.run("up", expect=1, **set_create(stack, kill))
    assert "was ended by SIGKILL" in error_in(stack, output)
    assert "UserWarning" not in output
    stack.run("up")
    assert len(stack.things()) == 4
    stack.run("preview", "--expect-no-changes")


@pytest.mark.parametrize("name", ["pulumi-resource-pulumi-python", "pulumi-language-python"])
def test_a_plugin_that_does_not_start_is_named_with_its_last_words(
    stack: ToyStack, name: str
) -> None:
    program = set_tool(stack, name, "echo 'libc.so.7: not found' >&2; exit 7")
    error = error_in(stack, stack.run("up", expect=1))
    assert f"the plugin {program} could not be started: exit status 7" in error
    assert "  libc.so.7: not found" in error
    assert f"run {program} to see what it lacks" in error


def test_without_any_copy_of_the_state_down_deletes_by_name(stack: ToyStack) -> None:
    stack.run("up")
    for file in (stack.project / ".pilothouse" / "state").rglob("pilot*.json*"):
        file.unlink()
    stack.run("down", "--yes")
    assert stack.things() == {}
