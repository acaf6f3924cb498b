"""A command that runs to completion, such as a migration."""

import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pulumi

from pilothouse.errors import PilothouseError
from pilothouse.targets.local.processes import (
    files,
    process_environment,
    process_log,
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

TIMEOUT = 600  # seconds


@dataclass(frozen=True, kw_only=True)
class JobArgs:
    """The command of a job, which must be idempotent. `stdin` may be secret, `command` must not."""

    command: Sequence[pulumi.Input[str]]
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    secrets: Mapping[str, pulumi.Input[str]] = field(default_factory=dict, metadata=SECRET)
    stdin: pulumi.Input[str] = field(default="", metadata=SECRET)


class JobProvider(ConvergingProvider):
    """Runs the command when it is created or has changed."""

    def ensure(self, props: Props) -> Props:
        folder = process_environment.working_folder(Path(props["home"]), props["name"])
        _end(folder)
        (folder / "tmp").mkdir(mode=0o700, parents=True, exist_ok=True)
        log = supervision.log_path(Path(props["home"]), props["name"])
        with log.open("w") as output:
            log.chmod(0o600)
            how = _run(folder, props, output)
        if how:
            raise PilothouseError("\n".join([f"{props['name']} {how}", *process_log.end_of(log)]))
        return {}

    def observe(self, props: Props) -> str | None:
        return ""

    def remove(self, props: Props) -> None:
        folder = process_environment.working_folder(Path(props["home"]), props["name"])
        _end(folder)
        files.remove(folder)
        files.remove(supervision.log_path(Path(props["home"]), props["name"]))


def _run(folder: Path, props: Props, output: IO[str]) -> str:
    """Run the command to its end; how it failed, or ""."""
    try:
        done = subprocess.run(
            props["command"],
            cwd=folder,
            env=process_environment.variables(folder, props),
            input=props["stdin"].encode(),
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"did not end within {TIMEOUT} s"
    except OSError as error:
        return f"could not be started: {error}"
    if done.returncode < 0:
        return f"was ended by {signal.Signals(-done.returncode).name}"
    return f"ended with {done.returncode}" if done.returncode else ""


def _end(folder: Path) -> None:
    process_table.end(process_table.of_folder(folder), first=signal.SIGTERM, seconds=5)


class Job(ConvergingResource, module="pilothouse", name="Job"):
    """A command that has run to completion."""

    def __init__(
        self, name: str, home: pulumi.Input[str], args: JobArgs, opts: pulumi.ResourceOptions
    ) -> None:
        props = {"name": name, "home": home, **properties(args)}
        super().__init__(JobProvider(), name, props, opts)
