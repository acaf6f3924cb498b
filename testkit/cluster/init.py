"""The first process of the cluster's namespaces: when it ends, the kernel ends everything in them.

It starts the components, reaps orphans, and ends when it is told to, when a component ends, or
when the test session that it belongs to is gone.
"""

from __future__ import annotations

import http.client
import os
import select
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from testkit.cluster import components, network
from testkit.cluster.settings import API_PORT, CNI_PLUGINS, NODE_ADDRESS, SYSTEM_FOLDERS, Places

# What the two ends of the line to the starter say.
UNSHARED = b"u"
CONNECTED = b"c"
RUNNING = b"r"
STAY = b"s"

_PRIVATE = ("var/log", "var/lib/cni")  # folders that programs insist on


class Ended(Exception):
    """Nothing is left to be done."""


def main() -> None:
    """Prepare the namespaces, start everything, and stay."""
    places, line = Places(Path(sys.argv[1])), socket.socket(fileno=int(sys.argv[2]))
    signal.signal(signal.SIGTERM, _end)
    line.sendall(UNSHARED)
    if line.recv(1) != CONNECTED:
        raise Ended("the starter is gone")
    network.prepare()
    _mount_private(places)
    node = Node(places)
    try:
        node.start()
        line.sendall(RUNNING)
        node.stay(line)
    finally:
        node.stop()


class Node:
    """The components as processes."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Start all; those that would exit without the API server once it is ready."""
        self._start(components.store(self.places))
        self._start(components.api_server(self.places))
        while not _api_ready(self.places):
            self._reap()
            time.sleep(0.1)
        self._start(components.clients(self.places))

    def stay(self, line: socket.socket) -> None:
        """Reap children; `Ended` when a component or a test session has ended."""
        lines = [line]
        while True:
            readable, _, _ = select.select(lines, [], [], 0.5)
            if readable:
                if line.recv(1) != STAY:
                    raise Ended("the test session is gone")
                lines = []
            self._reap()

    def stop(self) -> None:
        """End the store last, so that it is whole when the cluster comes up again."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        pids = {name: process.pid for name, process in self.processes.items()}
        etcd = [pids.pop(name) for name in components.store(self.places) if name in pids][:1]
        self._terminate(list(pids.values()), 1)
        self._terminate(etcd, 3)

    def _start(self, commands: Mapping[str, list[str]]) -> None:
        for name, command in commands.items():
            with (self.places.logs / f"{name}.log").open("ab") as log:
                self.processes[name] = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
                )

    def _reap(self) -> None:
        with suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    return
                for name, process in self.processes.items():
                    if process.pid == pid:
                        code = os.waitstatus_to_exitcode(status)
                        raise Ended(f"{name} has ended with {code}; see {name}.log")

    def _terminate(self, pids: list[int], seconds: float) -> None:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + seconds
        while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < deadline:
            with suppress(Ended):
                self._reap()
            time.sleep(0.05)


def _end(*_: object) -> None:
    raise Ended("told to end")


def _mount_private(places: Places) -> None:
    """Folders of the machine that the components write to, and its resolver, are hidden."""
    resolver = places.run / "resolv.conf"
    resolver.write_text("")
    # Shared among the components, as the kubelet wants it; not with the host.
    _mount("--make-rshared", "/")
    if Path("/etc/resolv.conf").exists():
        _mount("--bind", resolver, Path("/etc/resolv.conf").resolve())
    _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    for name in _PRIVATE:
        own = places.run / name.replace("/", "-")
        own.mkdir(exist_ok=True)
        Path("/", name).mkdir(parents=True, exist_ok=True)
        _mount("--bind", own, Path("/", name))
    for name in ("netns", "lock"):
        Path("/run", name).mkdir()


def _mount(*arguments: str | Path) -> None:
    subprocess.run(["mount", *arguments], check=True)


def _api_ready(places: Places) -> bool:
    trust = ssl.create_default_context(cafile=places.pki / "ca.crt")
    connection = http.client.HTTPSConnection(NODE_ADDRESS, API_PORT, timeout=2, context=trust)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def variables(places: Places, repository: Path) -> dict[str, str]:
    """The environment of the first process, which the components inherit."""
    path = f"{places.binaries}:{SYSTEM_FOLDERS}:{CNI_PLUGINS}"
    return {"PATH": path, "PYTHONPATH": str(repository), "HOME": "/root"}


if __name__ == "__main__":
    try:
        main()
    except Ended as why:
        sys.stderr.write(f"{why}\n")
