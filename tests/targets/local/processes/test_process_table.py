"""The processes of a folder are found, described and ended."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from testkit.support.waiting import eventually

from pilothouse.targets.local.processes import process_table
from tests.targets.local.machine import is_alive, read_line, started


def test_a_process_belongs_to_the_folder_that_it_works_in(folder: Path) -> None:
    inner = folder / "inner"
    inner.mkdir()
    with started(["sleep", "60"], inner) as process:
        assert [found.pid for found in process_table.of_folder(folder)] == [process.pid]
        assert [found.pid for found in process_table.of_folder(inner)] == [process.pid]
        assert process_table.of_folder(folder / "inn") == []
        process_table.end(process_table.of_folder(folder), first=signal.SIGTERM, seconds=5)
        assert not is_alive(process.pid)


def test_a_process_belongs_to_the_folder_that_it_was_started_for(folder: Path) -> None:
    environment = {process_table.FOLDER_VARIABLE: str(folder / "inner")}
    with started(["/bin/sleep", "60"], Path("/"), environment) as process:
        # The kernel shows a new program's environment a moment after the program has started.
        (found,) = eventually(lambda: process_table.of_folder(folder))
        assert found.pid == process.pid
        process_table.end(process_table.of_folder(folder), first=signal.SIGTERM, seconds=5)
        assert not is_alive(process.pid)


def test_we_do_not_belong_to_the_folder_ourselves(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert process_table.of_folder(folder) == []


def test_what_does_not_listen_is_killed(folder: Path) -> None:
    deaf = (
        "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    )
    with started([sys.executable, "-c", deaf], folder) as process:
        read_line(process)
        process_table.end(process_table.of_folder(folder), first=signal.SIGTERM, seconds=0.3)
        assert not is_alive(process.pid)


def test_the_process_on_a_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        owner = process_table.listener(port)
        assert owner == psutil.Process()
        assert process_table.describe(owner).startswith(f"process {os.getpid()} (")
    assert process_table.listener(port) is None


def test_a_listener_that_ends_meanwhile_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen(["sleep", "0"]) as ended:
        pass
    stale = SimpleNamespace(status=psutil.CONN_LISTEN, laddr=("127.0.0.1", 1), pid=ended.pid)
    monkeypatch.setattr(psutil, "net_connections", lambda _kind: [stale])
    assert process_table.listeners() == {}


def test_a_process_that_cannot_be_seen_is_described_all_the_same() -> None:
    with subprocess.Popen(["sleep", "0"]) as ended:
        gone = psutil.Process(ended.pid)
    assert process_table.describe(None) == "a process of another user"
    assert process_table.describe(gone) == f"process {ended.pid}"
