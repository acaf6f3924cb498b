"""supervisord: one for each stack, behind a socket that only its owner can open."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from xmlrpc.client import Fault, ServerProxy

from pilothouse.errors import PilothouseError
from pilothouse.targets.local.processes.files import write_private
from pilothouse.targets.local.processes.operating_system import SOCKET_PATH_LIMIT
from pilothouse.waiting import wait_until

# supervisor.xmlrpc.Faults, without its import's cost
BAD_NAME, ALREADY_STARTED, NOT_RUNNING, STILL_RUNNING = 10, 60, 70, 91
STOPPING_LIMIT = 60.0  # seconds; longer than the `stop_seconds` of any program
_UNREADABLE = re.compile(r"[%\[]|\s[#;]|[\x00-\x1f]")
"""What a path in its configuration must not have: substitutions, patterns, comments."""


class Program(NamedTuple):
    """A program of supervisord: its state, such as RUNNING or FATAL, and its pid, 0 if none."""

    state: str
    pid: int
    description: str


def socket_path(home: Path) -> Path:
    """The control socket of the stack in `home`."""
    return home / "run" / "supervisor.sock"


def find_unreadable(path: Path) -> str:
    """The first sign in a path with which supervisord cannot read its configuration, or ""."""
    found = _UNREADABLE.search(str(path))
    return found[0] if found else ""


def start(home: Path) -> None:
    """Start supervisord for `home` without programs, and wait until it answers.

    Raises PilothouseError if it does not start.
    """
    _check_length(socket_path(home))
    for folder in ("run", "log", "programs", "services"):
        (home / folder).mkdir(mode=0o700, exist_ok=True)
    write_private(home / "supervisord.conf", _daemon_config(home))
    command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(home / "supervisord.conf")]
    done = subprocess.run(
        command, cwd=home, env=_minimal_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode != 0 or not wait_until(lambda: answers(home), seconds=20, pause=0.05):
        raise PilothouseError(f"supervisord did not start: {done.stdout}{done.stderr}".strip())


def answers(home: Path) -> bool:
    """Whether the stack's supervisord is running."""
    try:
        with _client(home) as supervisor:
            return bool(supervisor.getState()["statename"] == "RUNNING")
    except (OSError, Fault):
        return False


def shut_down(home: Path) -> None:
    """Stop supervisord and its programs; does nothing if it is not running."""
    try:
        with _client(home) as supervisor:
            supervisor.shutdown()
    except (OSError, Fault):
        return


def run_program(home: Path, name: str, settings: Mapping[str, object]) -> None:
    """Add a program with these settings and start it, without waiting until it is up."""
    write_private(_program_file(home, name), _section(f"program:{name}", settings))
    with _client(home) as supervisor:
        supervisor.reloadConfig()
        supervisor.addProcessGroup(name)
        supervisor.startProcess(name, False)


def end_program(home: Path, name: str) -> None:
    """Stop a program and remove it; does nothing if it does not exist."""
    try:
        with _client(home) as supervisor, _ignore_faults(BAD_NAME, NOT_RUNNING):
            with _ignore_faults(NOT_RUNNING):
                supervisor.stopProcess(name)
            _remove(supervisor, name)
    except OSError:
        pass
    _program_file(home, name).unlink(missing_ok=True)


def _remove(supervisor: Any, name: str) -> None:
    """Remove a program once it has stopped: a killed run may have begun to stop it."""
    if not wait_until(lambda: _try_remove(supervisor, name), seconds=STOPPING_LIMIT, pause=0.1):
        raise PilothouseError(
            f"{name} has not stopped after {STOPPING_LIMIT:.0f} s: end its process, then try again"
        )


def _try_remove(supervisor: Any, name: str) -> bool:
    try:
        supervisor.removeProcessGroup(name)
    except Fault as fault:
        if fault.faultCode != STILL_RUNNING:
            raise
        return False
    return True


def stop_program(home: Path, name: str) -> None:
    """Stop a program without removing it."""
    with _client(home) as supervisor, _ignore_faults(NOT_RUNNING):
        supervisor.stopProcess(name)


def start_program(home: Path, name: str) -> None:
    """Start an existing program; does nothing if it is running."""
    with _client(home) as supervisor, _ignore_faults(ALREADY_STARTED):
        supervisor.startProcess(name, False)


def programs(home: Path) -> dict[str, Program]:
    """Every program by name; empty if supervisord is not running."""
    try:
        with _client(home) as supervisor:
            return {
                info["name"]: Program(info["statename"], info["pid"], info["description"])
                for info in supervisor.getAllProcessInfo()
            }
    except (OSError, Fault):
        return {}


def log_path(home: Path, name: str) -> Path:
    """The log file of a program."""
    return home / "log" / f"{name}.log"


@contextmanager
def _client(home: Path) -> Iterator[Any]:
    from supervisor.xmlrpc import SupervisorTransport

    transport = SupervisorTransport(None, None, f"unix://{socket_path(home)}")
    with ServerProxy("http://127.0.0.1", transport=transport) as proxy:
        yield proxy.supervisor


@contextmanager
def _ignore_faults(*codes: int) -> Iterator[None]:
    try:
        yield
    except Fault as fault:
        if fault.faultCode not in codes:
            raise


def _program_file(home: Path, name: str) -> Path:
    return home / "programs" / f"{name}.conf"


def _daemon_config(home: Path) -> str:
    sections: dict[str, dict[str, object]] = {
        "unix_http_server": {"file": socket_path(home), "chmod": "0700"},
        "supervisord": {
            "logfile": home / "log" / "supervisord.log",
            "pidfile": home / "run" / "supervisord.pid",
            "childlogdir": home / "log",
            "directory": home,
            "umask": "077",
        },
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
        "include": {"files": "programs/*.conf"},  # blanks in `home` would separate patterns
    }
    if os.geteuid() == 0:
        sections["supervisord"]["user"] = "root"
    return "".join(_section(title, values) for title, values in sections.items())


def _section(title: str, values: Mapping[str, object]) -> str:
    lines = [f"{key} = {str(value).replace('%', '%%')}" for key, value in values.items()]
    return "\n".join([f"[{title}]", *lines, "", ""])


def _minimal_environment() -> dict[str, str]:
    """The variables that services inherit: none of the caller's, which may be secret."""
    return {"PATH": os.defpath, "LANG": "C.UTF-8"}


def _check_length(path: Path) -> None:
    if len(os.fsencode(path)) > SOCKET_PATH_LIMIT:
        raise PilothouseError(
            f"{path}: a socket's path has at most {SOCKET_PATH_LIMIT} bytes; "
            "set `home` to a shorter folder under `pilothouse:local` in the stack file"
        )
