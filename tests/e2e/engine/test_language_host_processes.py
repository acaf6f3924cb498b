"""The language host ends as it should: quietly when asked, and with the engine when killed."""

from __future__ import annotations

import signal
import time
import typing

import psutil
import pytest

if typing.TYPE_CHECKING:
    import subprocess

    from tests.e2e.engine.conftest import MakeProject, Project

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("own_language_host")]

UP = ("up", "--yes", "--skip-preview")
SLOW_PROGRAM = """
import pathlib, sys, time
try:
    pathlib.Path("waiting").touch()
    time.sleep(60)
except KeyboardInterrupt:
    print("putting things away", file=sys.stderr)
    raise
"""
SLOW_PROVIDER = """
import pathlib, time
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

class Sleeper(ResourceProvider):
    def create(self, props):
        pathlib.Path("waiting").touch()
        time.sleep(60)
        return CreateResult("never", props)

class Slow(Resource):
    pass

Slow(Sleeper(), "slow", {})
"""


def start_and_wait(project: Project) -> subprocess.Popen[str]:
    """Start `pulumi up` and return when the program or the provider is in its long sleep."""
    process = project.start(*UP)
    end = time.monotonic() + 30
    while not (project.folder / "waiting").exists():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < end
        time.sleep(0.05)
    return process


def commands(processes: list[psutil.Process]) -> str:
    return "\n".join(" ".join(process.cmdline()) for process in processes)


def test_an_interrupt_ends_quietly(pulumi_project: MakeProject) -> None:
    project = pulumi_project(SLOW_PROGRAM)
    process = start_and_wait(project)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=15)
    assert process.returncode != 0
    assert "putting things away" in output
    assert "Traceback" not in output
    assert "KeyboardInterrupt" not in output
    assert "pulumi-language" not in output
    assert project.processes_after(1) == []


@pytest.mark.parametrize("program", [SLOW_PROGRAM, SLOW_PROVIDER], ids=["program", "provider"])
def test_nothing_outlives_a_killed_engine(pulumi_project: MakeProject, program: str) -> None:
    project = pulumi_project(program)
    process = start_and_wait(project)
    before = commands(project.processes())
    process.kill()
    process.communicate(timeout=15)
    assert "pulumi-language-python" in before
    assert project.processes_after(5) == []


@pytest.mark.parametrize(
    ("number", "told"),
    [(signal.SIGKILL, "error:"), (signal.SIGTERM, "program was interrupted")],
)
def test_an_ended_host_takes_its_program_along(
    pulumi_project: MakeProject, number: signal.Signals, told: str
) -> None:
    project = pulumi_project(SLOW_PROGRAM)
    process = start_and_wait(project)
    hosts = [one for one in project.processes() if one.name().startswith("pulumi-language")]
    for host in hosts:
        host.send_signal(number)
    output, _ = process.communicate(timeout=15)
    assert len(hosts) == 1, output
    assert process.returncode != 0
    assert told in output
    assert project.processes_after(5) == []


def test_a_stubborn_program_is_killed_in_the_end(pulumi_project: MakeProject) -> None:
    project = pulumi_project(
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n" + SLOW_PROGRAM
    )
    process = start_and_wait(project)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=15)
    assert process.returncode != 0
    assert project.processes_after(1) == []
