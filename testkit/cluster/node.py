"""Starts and ends the cluster's namespaces, and reaches into them."""

from __future__ import annotations

import socket
import struct
import subprocess
import sys
from pathlib import Path

from testkit.cluster import components, init, machine, network
from testkit.cluster.settings import REPOSITORY, ClusterError, Places
from testkit.cluster.steps import end_of

_NAMESPACES = (
    *("unshare", "--mount", "--pid", "--net", "--fork", "--mount-proc"),
    *("--kill-child=SIGKILL", "--propagation", "private"),
)
_CREDENTIALS = struct.Struct("3i")  # process, user, group
_PATIENCE = 120  # seconds until the API server answers


def start(places: Places, *, session: bool) -> socket.socket:
    """Bring the namespaces and all components up; the line to their first process.

    The cluster of a session ends when the line is closed, also by the death of the session.
    """
    ours, theirs = socket.socketpair()
    ours.settimeout(_PATIENCE)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    with theirs:
        _launch(places, theirs)
    try:
        _accompany(places, ours, session=session)
    except BaseException:
        ours.close()
        raise
    return ours


def containerd(running: machine.Running, *arguments: str) -> list[str]:
    """The command line of containerd's client inside of the namespaces."""
    enter = ("nsenter", "--target", str(running.init), "--mount", "--pid", "--net", "--")
    return [*enter, "ctr", "--address", components.SOCKET, "--namespace", "k8s.io", *arguments]


def _launch(places: Places, line: socket.socket) -> None:
    """Start the first process, apart from this one's terminal and from its children."""
    command = [*_NAMESPACES, sys.executable, "-m", init.__name__, str(places.home)]
    with log(places).open("ab") as output:
        subprocess.run(
            ["setsid", "--fork", *command, str(line.fileno())],
            cwd="/",
            env=init.variables(places, REPOSITORY),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=[line.fileno()],
            check=True,
        )


def _accompany(places: Places, line: socket.socket, *, session: bool) -> None:
    process = _expect(places, line, init.UNSHARED)
    machine.remember(places.home, process, session=session)
    network.connect(process)
    line.sendall(init.CONNECTED)
    _expect(places, line, init.RUNNING)
    if not session:
        line.sendall(init.STAY)


def _expect(places: Places, line: socket.socket, word: bytes) -> int:
    """Wait for a word; the sender's process id as it is here, which the kernel tells."""
    try:
        said, control, _, _ = line.recvmsg(1, socket.CMSG_SPACE(_CREDENTIALS.size))
    except TimeoutError:
        said, control = b"", []
    if said != word:
        raise ClusterError(f"the cluster does not start; {end_of(log(places))}")
    process: int = _CREDENTIALS.unpack(control[0][2])[0]
    return process


def log(places: Places) -> Path:
    """What the first process says."""
    return places.logs / "init.log"


def stop(running: machine.Running) -> None:
    """End the first process, and with it everything in its namespaces."""
    process = running.process()
    if process is not None:
        machine.kill(process)
