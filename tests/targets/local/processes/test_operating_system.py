"""What the local target needs of Linux and of macOS, as far as it can be seen on one of them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest
from testkit.support.tools import uv
from testkit.support.waiting import eventually

from pilothouse.services.airflow import requirements
from pilothouse.targets.local.components.foundation import REQUIREMENTS
from pilothouse.targets.local.processes import operating_system, process_table

ROOT = Path(__file__).parents[4]
LOCKS = (*sorted(REQUIREMENTS.glob("*.txt")), requirements.LOCK, ROOT / "locks" / "pilothouse.txt")
PLATFORMS = ("aarch64-apple-darwin", "aarch64-manylinux_2_28", "x86_64-manylinux_2_28")


@pytest.mark.parametrize("is_linux", [True, False])
def test_the_end_of_a_process_that_is_no_child_is_seen(
    monkeypatch: pytest.MonkeyPatch, is_linux: bool
) -> None:
    monkeypatch.setattr(operating_system, "IS_LINUX", is_linux)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        watch = threading.Thread(target=operating_system.wait_for_end, args=[process.pid])
        watch.start()
        watch.join(timeout=0.2)
        assert watch.is_alive()
        process.kill()
    eventually(lambda: not watch.is_alive())


@pytest.mark.parametrize("is_linux", [True, False])
def test_a_process_that_has_ended_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, is_linux: bool
) -> None:
    monkeypatch.setattr(operating_system, "IS_LINUX", is_linux)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert not psutil.pid_exists(ended.pid)
    operating_system.wait_for_end(ended.pid)


@pytest.mark.parametrize("is_linux", [True, False])
def test_a_listener_is_found_with_its_process(
    monkeypatch: pytest.MonkeyPatch, is_linux: bool
) -> None:
    monkeypatch.setattr(operating_system, "IS_LINUX", is_linux)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        found = process_table.listener(port)
        assert found
        assert found.pid == os.getpid()
    assert process_table.listener(port) is None


@pytest.mark.parametrize("is_linux", [True, False])
def test_a_unix_socket_of_another_folder_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, is_linux: bool
) -> None:
    monkeypatch.setattr(operating_system, "IS_LINUX", is_linux)
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        assert str(path) in process_table.sockets_of_others(tmp_path / "other")
        assert str(path) not in process_table.sockets_of_others(Path.cwd())


def test_a_system_without_capabilities_lacks_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(operating_system, "_STATUS", tmp_path / "absent")
    assert operating_system.missing_capabilities({"CAP_CHOWN": 0}) == []


def test_a_missing_capability_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    status = tmp_path / "status"
    status.write_text("Name:\tpython\nCapEff:\t0000000000000001\n")
    monkeypatch.setattr(operating_system, "_STATUS", status)
    assert operating_system.missing_capabilities({"CAP_CHOWN": 0, "CAP_SETUID": 7}) == [
        "CAP_SETUID"
    ]


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_package_has_a_wheel_for_the_systems_that_are_supported(
    lock: Path, platform: str, tmp_path: Path
) -> None:
    what = ("--dry-run", "--target", tmp_path, "--python-version", "3.11", "--no-deps")
    how = ("--python-platform", platform, "--no-build", "--require-hashes", "-r", lock)
    done = subprocess.run(
        [uv(), "pip", "install", *what, *how], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Would install" in done.stderr
