"""The processes of a stack, found by where they run.

A process belongs to a folder if it works in it or was started with it as PILOTHOUSE_FOLDER. Both
are asked, since PostgreSQL and Airflow write their titles over their environment, and a task may
leave its folder.
"""

import os
import signal
from collections.abc import Iterable
from pathlib import Path

import psutil

FOLDER_VARIABLE = "PILOTHOUSE_FOLDER"


def of_folder(folder: Path) -> list[psutil.Process]:
    """Every other process that belongs to `folder`."""
    return [
        process
        for process in psutil.process_iter()
        if process.pid != os.getpid() and belongs(process, folder)
    ]


def end(processes: Iterable[psutil.Process], *, first: int, seconds: float) -> None:
    """Send `first`, after `seconds` SIGKILL to what is still there; return when all are gone."""
    gone_or_told = [process for process in processes if _send(process, first)]
    _, alive = psutil.wait_procs(gone_or_told, timeout=seconds)
    psutil.wait_procs([process for process in alive if _send(process, signal.SIGKILL)], timeout=10)


def listener(port: int) -> psutil.Process | None:
    """The process that listens on a port, None if nobody does or it can't be seen."""
    return listeners().get(port)


def listeners() -> dict[int, psutil.Process]:
    """The processes that listen on TCP ports, as far as they can be seen."""
    return {
        connection.laddr[1]: psutil.Process(connection.pid)
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.pid
    }


def describe(process: psutil.Process | None) -> str:
    """A process by id and name, as an error message shows it."""
    if process is None:
        return "a process of another user"
    try:
        return f"process {process.pid} ({process.name()}) of {process.username()}"
    except psutil.Error:
        return f"process {process.pid}"


def is_ours(process: psutil.Process) -> bool:
    """Whether we could end it: another user's listener on a port of ours is not of a stack."""
    try:
        return os.geteuid() in (0, process.uids().real)
    except psutil.Error:
        return False


def available_memory() -> int:
    """Bytes that new processes can have without swapping."""
    return int(psutil.virtual_memory().available)


def belongs(process: psutil.Process, folder: Path) -> bool:
    """Whether a process works in `folder` or below, or was started for it."""
    return _within(_working_folder(process), folder) or _within(_marked_folder(process), folder)


def _within(path: str, folder: Path) -> bool:
    return path == str(folder) or path.startswith(f"{folder}/")


def _working_folder(process: psutil.Process) -> str:
    try:
        return process.cwd()
    except (psutil.Error, OSError):
        return ""


def _marked_folder(process: psutil.Process) -> str:
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
