"""supervisord over the hand-made services: started by name, stopped in order."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from .layout import Layout

CONFIG = """\
[unix_http_server]
file={root}/supervisor.sock
chmod=0700
[supervisord]
nodaemon=true
directory={root}
logfile={root}/supervisord.log
pidfile={root}/supervisord.pid
childlogdir={root}
{user}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""
PROGRAM = """\
[program:{name}]
command={command}
autostart=false
startsecs=0
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile={root}/{name}.log
{extra}
"""


class Supervisor:
    """A running supervisord; its programs are known and none is started."""

    def __init__(self, layout: Layout, programs: dict[str, tuple[list[str], str]]) -> None:
        """`programs` maps a name to its command and further lines of its section."""
        self._socket = layout.root / "supervisor.sock"
        user = "user=root" if os.geteuid() == 0 else ""
        sections = [
            PROGRAM.format(name=name, command=" ".join(command), extra=extra, root=layout.root)
            for name, (command, extra) in programs.items()
        ]
        text = "\n".join([CONFIG.format(root=layout.root, user=user), *sections])
        config = layout.write("supervisord.conf", text)
        command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(config)]
        log = (layout.root / "supervisord.out").open("w")
        self.process = subprocess.Popen(
            command, env={"PATH": os.defpath, "LANG": "C.UTF-8"}, stdout=log, stderr=log
        )

    def wait(self) -> None:
        """Return when it answers."""
        while not self._socket.exists():
            if self.process.poll() is not None:
                raise RuntimeError("supervisord ended at once: see supervisord.out")
            time.sleep(0.02)

    def start(self, *names: str) -> None:
        """Start programs, without waiting for them to answer."""
        with self._client() as client:
            for name in names:
                client.startProcess(name, False)

    def stop(self, names: Sequence[str]) -> None:
        """Stop programs at the same time; return when all of them have ended."""
        with ThreadPoolExecutor(len(names)) as pool:
            list(pool.map(self._stop, names))

    def shut_down(self) -> None:
        """End supervisord with whatever still runs under it."""
        with suppress(OSError), self._client() as client:
            client.shutdown()
        self.process.wait()

    def pids(self) -> dict[str, int]:
        """The process id of each running program, and of supervisord."""
        with self._client() as client:
            programs = {info["name"]: info["pid"] for info in client.getAllProcessInfo()}
        return {
            **{name: pid for name, pid in programs.items() if pid},
            "supervisord": self.process.pid,
        }

    def _stop(self, name: str) -> None:
        """Stop a program; nothing to do if it does not run, as after a failed start."""
        with suppress(Fault, OSError), self._client() as client:
            client.stopProcess(name)

    @contextmanager
    def _client(self) -> Iterator[Any]:
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        with ServerProxy("http://127.0.0.1", transport=transport) as proxy:
            yield proxy.supervisor
