"""What is the machine's and not the cluster's: who uses it, its settings, its cgroups.

One cluster runs on a machine. What must be known to end it lies in /run, and goes with a reboot
like the cluster itself.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from testkit.cluster.settings import NAME
from testkit.cluster.steps import say

FOLDER = Path("/run/pilothouse-testcluster")
CGROUPS = Path("/sys/fs/cgroup")
_SYSCTLS = Path("/proc/sys")
_INOTIFY = "fs/inotify/max_user_instances"
# The kubelet sets these for the whole machine.
_CHANGED = (
    _INOTIFY,
    "kernel/keys/root_maxbytes",
    "kernel/keys/root_maxkeys",
    "kernel/panic",
    "kernel/panic_on_oops",
    "vm/overcommit_memory",
    "vm/panic_on_oom",
)
_CLOCK = 2  # seconds by which the clock may have been set since
_NEEDED = ("cpu", "cpuset", "memory", "pids")


@dataclass(frozen=True)
class Running:
    """A cluster that was started: where its files lie, and the first process of its namespaces."""

    home: str
    init: int
    started: float
    session: bool  # it belongs to a test session and ends with it

    def process(self) -> psutil.Process | None:
        """The first process, if it lives and its id has no new owner."""
        with suppress(psutil.Error):
            process = psutil.Process(self.init)
            alive = process.status() != psutil.STATUS_ZOMBIE
            same = abs(process.create_time() - self.started) < _CLOCK
            return process if alive and same else None
        return None


@contextmanager
def alone() -> Iterator[None]:
    """Use the machine's cluster alone; wait for whoever does. A killed one holds nothing."""
    FOLDER.mkdir(mode=0o755, exist_ok=True)
    descriptor = os.open(FOLDER / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _take(descriptor)
        os.pwrite(descriptor, f"process {os.getpid()}\n".ljust(30).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, 30, 0).decode().strip()
        say(f"{holder} uses the cluster of this machine; waiting for its end")
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def remember(home: Path, init: int, *, session: bool) -> None:
    """Record the cluster that has been started."""
    running = Running(str(home), init, psutil.Process(init).create_time(), session)
    _write("cluster.json", asdict(running))


def running() -> Running | None:
    """The cluster that was started and not taken down, alive or not."""
    content = _read("cluster.json")
    return Running(**content) if content else None


def forget() -> None:
    """Record that no cluster was left."""
    (FOLDER / "cluster.json").unlink(missing_ok=True)


def kill(process: psutil.Process, seconds: float = 10) -> None:
    """SIGTERM, and SIGKILL if it takes too long; return when it is gone."""
    process.terminate()
    _, alive = psutil.wait_procs([process], timeout=seconds)
    for stubborn in alive:
        stubborn.kill()
    psutil.wait_procs(alive, timeout=seconds)


def save_settings() -> None:
    """Remember what the kubelet will change, and allow as many watches as it needs."""
    if not _read("sysctls.json"):
        _write("sysctls.json", {n: (_SYSCTLS / n).read_text() for n in _CHANGED})
    (_SYSCTLS / _INOTIFY).write_text("1024")


def restore_settings() -> None:
    """Give the machine its settings back."""
    for name, value in (_read("sysctls.json") or {}).items():
        (_SYSCTLS / name).write_text(value)
    (FOLDER / "sysctls.json").unlink(missing_ok=True)


def lacking_controllers() -> list[str]:
    """The cgroup controllers that the kubelet needs and this machine does not have."""
    unified = CGROUPS / "cgroup.controllers"
    if unified.exists():
        have = unified.read_text().split()
    else:
        have = [path.name for path in CGROUPS.iterdir()]
    return [name for name in _NEEDED if name not in have]


def make_cgroups() -> None:
    """A cgroup of the cluster's own in every hierarchy."""
    for hierarchy in _hierarchies():
        own = hierarchy / NAME
        own.mkdir(exist_ok=True)
        for name in ("cpuset.cpus", "cpuset.mems"):  # empty in version 1: nothing could run
            if (own / name).exists() and not (hierarchy / "cgroup.controllers").exists():
                (own / name).write_text((hierarchy / name).read_text())


def remove_cgroups() -> None:
    """Remove them, once what ran in them is gone."""
    for hierarchy in _hierarchies():
        for folder, _, _ in os.walk(hierarchy / NAME, topdown=False):
            _remove_soon(Path(folder))


def _remove_soon(folder: Path) -> None:
    """A cgroup is busy for a moment after its last process has ended."""
    for _ in range(50):
        with suppress(OSError):
            folder.rmdir()
            return
        time.sleep(0.1)
    folder.rmdir()


def _hierarchies() -> list[Path]:
    if (CGROUPS / "cgroup.controllers").exists():
        return [CGROUPS]
    folders = (path.resolve() for path in CGROUPS.iterdir() if path.is_dir())
    return sorted({folder for folder in folders if os.path.ismount(folder)})


def _read(name: str) -> dict[str, Any] | None:
    path = FOLDER / name
    return dict(json.loads(path.read_text())) if path.exists() else None


def _write(name: str, content: dict[str, Any]) -> None:
    FOLDER.mkdir(mode=0o755, exist_ok=True)
    unfinished = FOLDER / f"{name}.new"
    unfinished.write_text(json.dumps(content))
    unfinished.replace(FOLDER / name)
