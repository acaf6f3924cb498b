"""A service under supervisord: its files, environment, ports and process."""

import json
import os
import shlex
import signal
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pulumi

from pilothouse.contract import Probe
from pilothouse.errors import PilothouseError
from pilothouse.targets.local.processes import (
    files,
    launch,
    outside_files,
    process_environment,
    process_table,
    supervision,
)
from pilothouse.targets.local.resources.converge import (
    SECRET,
    ConvergingProvider,
    ConvergingResource,
    Props,
    properties,
)


@dataclass(frozen=True, kw_only=True)
class ServiceArgs:
    """A service.

    command: the program and its arguments; must not contain a secret.
    environment, secrets: all its variables besides HOME, TMPDIR and PATH.
    files: private files by their path in the service's folder; may contain secrets. Those that
    begin with `#!` can be executed.
    probes: checks that it answers; the next update restarts a service that fails them.
    ports: every loopback port that it listens on.
    folders: more folders that belong to it alone, such as PostgreSQL's data.
    leaves: paths outside its folder that it creates and does not remove.
    stop_signal, stop_seconds: the signal that ends it, and the seconds until it is killed.
    user: the OS user that it runs as when pilothouse runs as root; "" for the same user.
    wait_for: a file that must exist before it starts; "" for none.
    after: values whose change restarts it, such as the `revision` of its data.
    """

    command: Sequence[pulumi.Input[str]]
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    secrets: Mapping[str, pulumi.Input[str]] = field(default_factory=dict, metadata=SECRET)
    files: Mapping[str, pulumi.Input[str]] = field(default_factory=dict, metadata=SECRET)
    probes: Sequence[Probe] = ()
    ports: Sequence[int] = ()
    folders: Sequence[str] = ()
    leaves: Sequence[str] = ()
    stop_signal: str = "TERM"
    stop_seconds: int = 10
    user: str = ""
    wait_for: pulumi.Input[str] = ""
    after: Mapping[str, pulumi.Input[float]] = field(default_factory=dict)


class ServiceProvider(ConvergingProvider):
    """Starts, restarts and stops the service; a restart first waits for the old process to end."""

    replace_on = frozenset({"name", "home"})

    def ensure(self, props: Props) -> Props:
        _stop(props)
        for port in props["ports"]:
            _check_port(int(port), props)
        _write_files(props)
        supervision.run_program(Path(props["home"]), props["name"], _program(props))
        return {"started": time.time()}

    def observe(self, props: Props) -> str | None:
        changed = [path.name for path, text in _files(props) if not files.holds(path, text)]
        changes = [f"{name} changed" for name in changed]
        return "; ".join(filter(None, (_failure(props), *changes)))

    def remove(self, props: Props) -> None:
        _stop(props)
        files.remove(process_environment.working_folder(Path(props["home"]), props["name"]))
        log = supervision.log_path(Path(props["home"]), props["name"])
        for path in log.parent.glob(f"{log.name}*"):
            path.unlink()


def _failure(props: Props) -> str:
    """Why the service does not answer; "" if it does, or is starting."""
    program = supervision.programs(Path(props["home"])).get(props["name"])
    if program is None or program.state not in ("RUNNING", "STARTING"):
        return program.state.lower() if program else "stopped"
    from pilothouse.services.probes import find_failure

    return "; ".join(filter(None, (find_failure(Probe(**probe)) for probe in props["probes"])))


def _stop(props: Props) -> None:
    home, name = Path(props["home"]), props["name"]
    supervision.end_program(home, name)
    remaining = [p for folder in _folders(props) for p in process_table.of_folder(folder)]
    process_table.end(
        remaining,
        first=signal.Signals[f"SIG{props['stop_signal']}"],
        seconds=props["stop_seconds"],
    )
    for path in outside_files.owned(home, name):
        files.remove(path)


def _folders(props: Props) -> list[Path]:
    own = process_environment.working_folder(Path(props["home"]), props["name"])
    return [own, *(Path(folder) for folder in props["folders"])]


def _check_port(port: int, props: Props) -> None:
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    except OSError as error:
        owner = process_table.describe(process_table.listener(port))
        raise PilothouseError(
            f"port {port} of {props['name']} is taken by {owner}: end it, or set `basePort` "
            "under `pilothouse:local` in the stack file to the first port of a free range"
        ) from error


def _write_files(props: Props) -> None:
    for path in props["folders"]:
        Path(path).mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = process_environment.working_folder(Path(props["home"]), props["name"])
    (folder / "tmp").mkdir(mode=0o700, parents=True, exist_ok=True)
    for path, text in _files(props):
        files.write_private(path, text)
    outside_files.record(folder, props["leaves"])


def _files(props: Props) -> list[tuple[Path, str]]:
    folder = process_environment.working_folder(Path(props["home"]), props["name"])
    own = [(folder / name, str(text)) for name, text in props["files"].items()]
    return [
        (
            process_environment.environment_file(folder),
            json.dumps(process_environment.variables(folder, props), sort_keys=True),
        ),
        *own,
    ]


def _program(props: Props) -> dict[str, object]:
    home = Path(props["home"])
    folder = process_environment.working_folder(home, props["name"])
    return {
        "command": shlex.join(_launch(folder, props)),
        "directory": folder,
        "autostart": "false",
        "autorestart": "true",
        "startsecs": 1,
        "startretries": 100,
        "stopsignal": props["stop_signal"],
        "stopwaitsecs": int(props["stop_seconds"]),
        "killasgroup": "true",
        "umask": "077",
        "redirect_stderr": "true",
        "stdout_logfile": supervision.log_path(home, props["name"]),
        "stdout_logfile_maxbytes": "10MB",
        "stdout_logfile_backups": 2,
    }


def _launch(folder: Path, props: Props) -> list[str]:
    return launch.arguments(
        props["command"],
        environment=process_environment.environment_file(folder),
        alone=_folders(props),
        die_with_parent=f"SIG{props['stop_signal']}",
        user=props["user"] if os.geteuid() == 0 else "",
        wait_for=props["wait_for"],
    )


class Service(ConvergingResource, module="pilothouse", name="Service"):
    """A supervised process; `started` is the time of its last start by pilothouse (Unix time)."""

    started: pulumi.Output[float]

    def __init__(
        self, name: str, home: pulumi.Input[str], args: ServiceArgs, opts: pulumi.ResourceOptions
    ) -> None:
        props = {"name": name, "home": home, **properties(args)}
        super().__init__(ServiceProvider(), name, props, opts, outputs=("started",))
