"""What hangs is named while it does, an interrupt ends it in order, and a limit ends it too."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

import pytest
from typing_extensions import override

from tests.targets.toy.test_failures import AGAIN, error_in, set_create, set_program, set_tool
from tests.targets.toy.toy_stack import ToyStack

pytestmark = pytest.mark.engine

SILENCE = 4
HANG = "import time; time.sleep(3000)"
IMPATIENT = f"""
import sys
from pilothouse.lifecycle.engine import patience
patience.SILENCE = {SILENCE}
from pilothouse.cli import main
main()
"""


@dataclass(frozen=True)
class ImpatientStack(ToyStack):
    """A stack whose commands say after four seconds, not after 60, what they wait for."""

    @override
    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-c", IMPATIENT, *super().command(*arguments)[1:]]


@pytest.fixture
def impatient(stack: ToyStack) -> ImpatientStack:
    return ImpatientStack(stack.project, stack.name, stack.base_port)


def hung(
    stack: ToyStack, command: str, *, waits_for: str, **variables: str
) -> tuple[subprocess.Popen[str], str]:
    """A command that hangs, and the line that says what it waits for."""
    process = stack.start(command, **variables)
    assert process.stdout
    for line in process.stdout:
        if line.startswith("no news for ") and waits_for in line:
            return process, line
    raise AssertionError(f"it did not wait for {waits_for}")


def output_after_interrupts(process: subprocess.Popen[str], seconds: float) -> str:
    """What it prints until it ends in order, interrupted every so many seconds."""
    while True:
        os.kill(process.pid, signal.SIGINT)
        try:
            output, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            continue
        assert process.returncode == 130, output
        assert "Traceback" not in output
        return output


def test_a_program_that_hangs_is_named_and_an_interrupt_ends_it(impatient: ImpatientStack) -> None:
    program = set_program(impatient, f"print('begun', flush=True)\n{HANG}\n")
    waits_for = f"the program {program}, what it imports, or a plugin"
    process, line = hung(impatient, "preview", waits_for=waits_for)
    assert "(running: pulumi-language-python " in line
    assert "Ctrl-C ends it" in line
    assert "logs/pilot.log" in line
    assert "interrupted: " in output_after_interrupts(process, 60)
    assert impatient.processes() == []


@pytest.mark.parametrize("name", ["pulumi-language-python", "pulumi-resource-pulumi-python"])
def test_a_plugin_that_never_starts_is_named_and_interrupts_end_it(
    impatient: ImpatientStack, name: str
) -> None:
    set_tool(impatient, name, "while kill -0 $PPID; do sleep 1; done")
    process, line = hung(impatient, "preview", waits_for=name[:15])  # as the kernel names it
    assert "a plugin of the engine has not answered (running: " in line
    assert "interrupted: " in output_after_interrupts(process, 20)
    assert impatient.processes() == []


def test_an_operation_that_hangs_is_named_and_interrupts_end_it(impatient: ImpatientStack) -> None:
    waits_for = "waiting for the create of Thing machine; Ctrl-C ends it"
    process, _ = hung(impatient, "up", waits_for=waits_for, **set_create(impatient, HANG))
    output_after_interrupts(process, 20)
    impatient.run("up")
    assert len(impatient.things()) == 4


def test_an_operation_beyond_its_limit_ends_the_run_with_the_remedy(stack: ToyStack) -> None:
    stack.set_target(limit=3)
    began = time.monotonic()
    output = stack.run("up", expect=1, **set_create(stack, HANG))
    assert time.monotonic() - began < 150
    error = error_in(stack, output)
    assert "the create of Thing machine has not ended within its limit of 3 s" in error
    assert f"what to do: ask the cloud, or raise limit, then {AGAIN}" in error
    stack.run("up")
    assert len(stack.things()) == 4
    stack.run("preview", "--expect-no-changes")


def test_an_operation_within_its_limit_is_left_alone(stack: ToyStack) -> None:
    stack.set_target(limit=20)
    stack.run("up", expect=0, **set_create(stack, "import time; time.sleep(3)"))
    assert len(stack.things()) == 4
