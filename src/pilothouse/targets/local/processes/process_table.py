"""The processes of a stack, found by their folder.

A process belongs to a folder if its working folder is inside, or if it was started with the folder
as PILOTHOUSE_FOLDER. Both are checked: PostgreSQL and Airflow overwrite their environment with
their titles, and a task may change its working folder.
"""

import os
import signal
from collections.abc import Iterable
from pathlib import Path

import psutil

from pilothouse.targets.local.processes import operating_system

FOLDER_VARIABLE = "PILOTHOUSE_FOLDER"


def of_folder(folder: Path) -> list[psutil.Process]:
    """Every process that belongs to `folder`, except this one."""
    return [
        process
        for process in psutil.process_iter()
        if process.pid != os.getpid() and belongs(process, folder)
    ]


def end(processes: Iterable[psutil.Process], *, first: int, seconds: float) -> None:
    """Send the signal `first`, and SIGKILL to processes that are alive after `seconds`."""
    signalled = [process for process in processes if _send(process, first)]
    _, alive = psutil.wait_procs(signalled, timeout=seconds)
    psutil.wait_procs([process for process in alive if _send(process, signal.SIGKILL)], timeout=10)


def listener(port: int) -> psutil.Process | None:
    """The process that listens on a port; None if there is none, or it is another user's."""
    return listeners().get(port)


def listeners() -> dict[int, psutil.Process]:
    """The processes that listen on TCP ports, by port, as far as this user may see them."""
    pids = {
        connection.laddr[1]: pid
        for connection, pid in operating_system.connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr and pid
    }
    processes = {port: _process(pid) for port, pid in pids.items()}
    return {port: process for port, process in processes.items() if process}


def sockets_of_others(folder: Path) -> set[str]:
    """The paths of Unix sockets of processes outside `folder`, other users' included."""
    return {
        str(connection.laddr)
        for connection, pid in operating_system.connections("unix")
        if not (process := pid and _process(pid)) or not belongs(process, folder)
    }


def describe(process: psutil.Process | None) -> str:
    """The id, the name and the user of a process, for messages."""
    if process is None:
        return "a process of another user"
    try:
        return f"process {process.pid} ({process.name()}) of {process.username()}"
    except psutil.Error:
        return f"process {process.pid}"


def total_memory() -> int:
    """The machine's memory, in bytes."""
    return int(psutil.virtual_memory().total)


def available_memory() -> int:
    """Bytes of memory that new processes can use without swapping."""
    return int(psutil.virtual_memory().available)


def belongs(process: psutil.Process, folder: Path) -> bool:
    """Whether a process works inside `folder`, or was started for it."""
    return _within(_working_folder(process), folder) or _within(_declared_folder(process), folder)


def _process(pid: int) -> psutil.Process | None:
    """The process with this id; None if it has ended since the id was read."""
    try:
        return psutil.Process(pid)
    except psutil.NoSuchProcess:
        return None


def _within(path: str, folder: Path) -> bool:
    return path == str(folder) or path.startswith(f"{folder}/")


def _working_folder(process: psutil.Process) -> str:
    try:
        return process.cwd()
    except (psutil.Error, OSError):
        return ""


def _declared_folder(process: psutil.Process) -> str:
    try:
        return process.environ().get(FOLDER_VARIABLE, "")
    except (psutil.Error, OSError):
        return ""


def _send(process: psutil.Process, number: int) -> bool:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return False
    return True
