"""Ctrl-C and SIGTERM: a line at once, an orderly end, and `status` says what to do."""

from __future__ import annotations

import signal

import psutil
import pytest
from testkit.support.stacks import Stack, local_stack
from testkit.support.terminals import Terminal, in_terminal
from testkit.support.waiting import eventually

pytestmark = pytest.mark.live

AT_ONCE = 3.0  # seconds, on a busy machine
IN_ORDER = 120.0  # seconds
UNWANTED = ("Traceback", "UserWarning", "I/O operation", "RuntimeError")


def press_and_wait(terminal: Terminal) -> None:
    terminal.press_ctrl_c()
    terminal.wait_for("stopping", AT_ONCE)
    assert terminal.exit_code(IN_ORDER) == 130
    assert "run the same command again" in terminal.text
    assert not [word for word in UNWANTED if word in terminal.text], terminal.text


def engines(stack: Stack) -> list[psutil.Process]:
    return [process for process in stack.processes() if process.name().startswith("pulumi")]


def test_interrupted_runs_end_in_order_and_can_be_run_again() -> None:
    with local_stack() as stack:
        with in_terminal(stack.command("up"), stack.environment()) as terminal:
            terminal.wait_for("postgres created", 120)
            press_and_wait(terminal)
        eventually(lambda: not engines(stack))
        said = stack.run("status", expect=1)
        assert "did not finish; run `pilothouse up pilot` to continue" in said
        assert "running postgres" in said

        process = stack.start("up")
        eventually(lambda: engines(stack), seconds=60)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=IN_ORDER)
        assert process.returncode == 130
        assert "stopping" in said
        assert not [word for word in UNWANTED if word in said], said
        eventually(lambda: not engines(stack))

        with in_terminal(stack.command("down", "--yes"), stack.environment()) as terminal:
            terminal.wait_for("\n- ", 120)  # the first line of a deletion
            press_and_wait(terminal)
        stack.run("down", "--yes")
        assert stack.traces() == []


def test_an_interrupted_preview_ends_in_order() -> None:
    with local_stack() as stack:
        with in_terminal(stack.command("preview"), stack.environment()) as terminal:
            terminal.wait_for("previewing", 60)
            eventually(lambda: engines(stack), seconds=60)
            press_and_wait(terminal)
        assert "not set up" in stack.run("status", expect=1)
        assert stack.traces() == []
