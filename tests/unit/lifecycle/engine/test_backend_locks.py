"""A dead process's lock is taken over, a live one's and another host's never."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pilothouse.errors import PilothouseError
from pilothouse.lifecycle.engine.backend_locks import Lock, StackBusy, clear_stale, held


def write_lock(state: Path, pid: int, host: str | None = None, since: float | None = None) -> Path:
    folder = state / ".pulumi" / "locks" / "organization" / "pilothouse" / "local"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{pid}-{host}.json"
    path.write_text(
        json.dumps(
            {
                "pid": pid,
                "username": "someone",
                "hostname": host or socket.gethostname(),
                "timestamp": datetime.fromtimestamp(since or time.time(), UTC).isoformat(),
            }
        )
    )
    return path


def dead_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def clear(state: Path, waited: list[Lock] | None = None) -> list[Lock]:
    seen = waited if waited is not None else []
    return clear_stale(f"file://{state}", "pilothouse", "local", patience=0.1, on_wait=seen.append)


def test_without_a_lock_there_is_nothing_to_take_over(tmp_path: Path) -> None:
    assert clear(tmp_path) == []


def test_the_lock_of_a_dead_process_is_taken_over(tmp_path: Path) -> None:
    path = write_lock(tmp_path, dead_process())
    assert [lock.path for lock in clear(tmp_path)] == [path]
    assert not path.exists()


def test_the_lock_of_a_process_whose_id_has_a_new_owner_is_taken_over(tmp_path: Path) -> None:
    path = write_lock(tmp_path, os.getpid(), since=1_000_000_000)
    clear(tmp_path)
    assert not path.exists()


def test_the_lock_of_a_live_process_is_left_and_named(tmp_path: Path) -> None:
    path = write_lock(tmp_path, os.getpid())
    waited: list[Lock] = []
    with pytest.raises(StackBusy, match=f"process {os.getpid()}") as caught:
        clear(tmp_path, waited)
    assert caught.value.exit_code == 5
    assert path.exists()
    assert waited


def test_the_lock_of_another_host_is_left(tmp_path: Path) -> None:
    path = write_lock(tmp_path, dead_process(), host="elsewhere")
    with pytest.raises(StackBusy, match="elsewhere"):
        clear(tmp_path, [])
    assert path.exists()


def test_a_live_lock_that_goes_is_waited_for(tmp_path: Path) -> None:
    path = write_lock(tmp_path, os.getpid())

    def release(lock: Lock) -> None:
        lock.path.unlink()

    taken = clear_stale(f"file://{tmp_path}", "pilothouse", "local", patience=5, on_wait=release)
    assert taken == []
    assert not path.exists()


def test_a_file_that_is_no_lock_is_an_error_and_stays(tmp_path: Path) -> None:
    path = write_lock(tmp_path, 1)
    path.write_text("{")
    with pytest.raises(PilothouseError, match=r"cannot be read: .*; delete the file"):
        clear(tmp_path)
    assert path.exists()


def test_other_backends_have_no_lock_files() -> None:
    assert held("https://api.example", "pilothouse", "local") == []
