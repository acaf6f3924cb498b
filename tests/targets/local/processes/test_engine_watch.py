"""A provider ends with its engine."""

import sys
from pathlib import Path

import psutil
import pytest
from testkit.support.waiting import eventually

from pilothouse.targets.local.processes.engine_watch import end_with_engine
from tests.targets.local.machine import PARENT, is_alive, read_line, started

WATCHING = """
import time
from pilothouse.targets.local.processes.engine_watch import end_with_engine
end_with_engine()
print("watching", flush=True)
time.sleep(60)
"""


def test_a_provider_ends_when_its_engine_is_killed(folder: Path) -> None:
    engine = folder / "pulumi"
    engine.symlink_to(Path(sys.executable).resolve())
    between = [sys.executable, "-c", PARENT, sys.executable, "-c", WATCHING]
    with started([engine, "-c", PARENT, *between], folder) as process:
        assert read_line(process) == b"watching\n"
        provider = psutil.Process(process.pid).children(recursive=True)[-1]
        assert psutil.Process(process.pid).name() == "pulumi"
        process.kill()
        eventually(lambda: not is_alive(provider.pid))


def test_without_an_engine_there_is_nothing_to_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    before = [thread.id for thread in psutil.Process().threads()]
    end_with_engine.__wrapped__()
    assert [thread.id for thread in psutil.Process().threads()] == before
