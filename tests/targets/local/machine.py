"""What the tests of the local target need of this machine: folders, ports, patience."""

import json
import random
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from testkit.support.waiting import eventually

from pilothouse.targets.local.processes import process_table

HTTP_SERVICE = Path(__file__).parent / "http_service.py"
PARENT = "import subprocess, sys, time; subprocess.Popen(sys.argv[1:]); time.sleep(60)"
"""A program that starts a command as its child and stays."""


@contextmanager
def started(
    command: Sequence[str | Path], folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that works in a folder, with its output; killed at the end, however the test ends.

    Without the kill, a failed assertion would wait until the process ends by itself.
    """
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=pipe) as process:
        try:
            yield process
        finally:
            process.kill()


def read_line(process: subprocess.Popen[bytes]) -> bytes:
    """The next line that a process prints."""
    assert process.stdout
    return process.stdout.readline()


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder that sockets' paths fit below and that others can pass through, then nothing of it.

    Whatever still runs in it is killed, so that a failed test leaves no process.
    """
    folder = Path(tempfile.mkdtemp(prefix="ph-", dir="/tmp"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        process_table.end(process_table.of_folder(folder), first=signal.SIGKILL, seconds=10)
        shutil.rmtree(folder)


def mode_of(path: Path) -> int:
    """The permission bits of a file or a folder."""
    return stat.S_IMODE(path.stat().st_mode)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent to look does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def free_ports(count: int) -> int:
    """The first of `count` ports in a row that nobody listens on."""
    while True:
        first = random.randrange(10000, 19000)  # noqa: S311 - below those of stacks
        if all(is_free(first + offset) for offset in range(count)):
            return first


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def asked(port: int) -> dict[str, Any] | None:
    """What the HTTP service on `port` says of itself; None if it does not answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2) as reply:
            return dict(json.load(reply))
    except OSError:
        return None


def answer(port: int) -> dict[str, Any]:
    """What the HTTP service on `port` says, once it is up."""
    return dict(eventually(lambda: asked(port)))


def command_lines(folder: Path) -> str:
    """The argument lists of all processes of `folder`."""
    lines = []
    for process in process_table.of_folder(folder):
        try:
            lines.append(" ".join(process.cmdline()))
        except psutil.NoSuchProcess:
            continue
    return "\n".join(lines)
