"""What differs between the systems that the local target runs on: Linux, and macOS.

Everything else is the same code on both, by psutil and the standard library.
"""

from __future__ import annotations

import ctypes
import os
import select
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

IS_LINUX = sys.platform == "linux"
SOCKET_PATH_LIMIT = 107 if IS_LINUX else 103
"""Bytes of `sockaddr_un.sun_path` without its terminator: 108 on Linux, 104 on macOS and BSD."""
FORK_VARIABLES: Mapping[str, str] = (
    {"OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES"} if sys.platform == "darwin" else {}
)
"""By what a process that forks is not ended by macOS' frameworks: Airflow's tasks are forks."""

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
_STATUS = Path("/proc/self/status")


def signal_when_parent_ends(number: int) -> None:
    """Have the kernel send a signal to this process when its parent ends; off Linux nothing does.

    There a killed supervisord leaves its services running. The next `up` ends them before it starts
    theirs anew, and so does `down`.
    """
    if IS_LINUX:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)


def wait_for_end(pid: int) -> None:
    """Return once a process that need not be a child of this one has ended."""
    if IS_LINUX:
        with suppress(ProcessLookupError):
            select.select([os.pidfd_open(pid)], [], [])
        return
    import psutil

    with suppress(psutil.NoSuchProcess):
        psutil.Process(pid).wait()


def connections(kind: str) -> Iterator[tuple[Any, int | None]]:
    """The sockets of a kind of psutil's, each with its process, as far as this user may see them.

    Off Linux, psutil lists those of all processes for root alone, so each process is asked: there
    sockets of other users' processes are missing, which Linux has without a process.
    """
    import psutil

    if IS_LINUX:
        yield from ((each, each.pid) for each in psutil.net_connections(kind))
        return
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            yield from ((each, process.pid) for each in process.net_connections(kind))


def missing_capabilities(needed: Mapping[str, int]) -> list[str]:
    """The names of those capabilities, given by their numbers, that this process lacks.

    None of them on a system that has no capabilities.
    """
    lines = _STATUS.read_text().splitlines() if _STATUS.exists() else []
    effective = next((line.split()[1] for line in lines if line.startswith("CapEff:")), None)
    if effective is None:
        return []
    return [name for name, number in needed.items() if not int(effective, 16) >> number & 1]
