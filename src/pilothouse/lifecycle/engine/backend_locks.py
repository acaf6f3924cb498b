"""The locks of a file backend: a dead process's is removed, a live one's never.

Pulumi's file backend writes a lock with the process and the host that hold it, and never looks
whether that process is still there.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psutil

from pilothouse.errors import PilothouseError
from pilothouse.lifecycle.engine.project import state_folder

GRACE = 2.0  # seconds that a clock may be off between a lock's time and its process's start


class StackBusy(PilothouseError):
    """Another process works on the stack."""

    exit_code = 5


@dataclass(frozen=True, kw_only=True)
class Lock:
    """Who holds a stack: a process, a host, since when (seconds since 1970)."""

    path: Path
    pid: int
    host: str
    since: float

    def is_stale(self) -> bool:
        """Whether its process no longer exists on this host; False for another host's."""
        if self.host != socket.gethostname():
            return False
        try:
            return psutil.Process(self.pid).create_time() > self.since + GRACE
        except psutil.NoSuchProcess:
            return True

    @property
    def holder(self) -> str:
        """The process that made it, and its host."""
        return f"process {self.pid} on {self.host}"

    def __str__(self) -> str:
        return f"{self.holder}, which began {time.time() - self.since:.0f} s ago"


def held(backend: str, project: str, stack: str) -> list[Lock]:
    """The locks on a stack; empty if there is none, or the backend is no file backend."""
    state = state_folder(backend)
    if state is None:
        return []
    folder = state / "locks" / "organization" / project / stack
    return [lock for path in sorted(folder.glob("*.json")) if (lock := _read(path))]


def clear_stale(
    backend: str,
    project: str,
    stack: str,
    *,
    patience: float,
    on_wait: Callable[[Lock], None],
) -> list[Lock]:
    """Remove dead processes' locks; wait up to `patience` seconds for a live one to go.

    Returns what was removed. Raises StackBusy if a live lock stays.
    """
    deadline = time.monotonic() + patience
    removed: list[Lock] = []
    while locks := held(backend, project, stack):
        for lock in (lock for lock in locks if lock.is_stale()):
            lock.path.unlink(missing_ok=True)
            removed.append(lock)
        live = [lock for lock in locks if lock not in removed]
        if live and time.monotonic() > deadline:
            raise StackBusy(f"stack {stack} is in use by {live[0]}: wait for it to end")
        if live:
            on_wait(live[0])
            time.sleep(0.5)
    return removed


def _read(path: Path) -> Lock | None:
    try:
        lock = json.loads(path.read_text())
        since = datetime.fromisoformat(lock["timestamp"]).timestamp()
        return Lock(path=path, pid=lock["pid"], host=lock["hostname"], since=since)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError) as error:
        raise PilothouseError(
            f"the lock {path} cannot be read: {error}; delete the file once no other process works "
            "on the stack"
        ) from error
