"""A project of its own for a test: the repository's program, a state and stacks apart from it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import psutil
import yaml

from pilothouse.contract import Probe
from pilothouse.services.probes import find_failure
from pilothouse.targets.local.processes import supervision
from pilothouse.targets.local.processes.layout import base_folder

REPOSITORY = Path(__file__).parents[2]
ENVIRONMENTS = base_folder(REPOSITORY) / "environments"
BLOCK = 20  # ports of one local stack
MINIMAL = (REPOSITORY / "examples" / "minimal.yaml").read_text()


@dataclass(frozen=True)
class Stack:
    """A local stack in a project of its own."""

    project: Path
    name: str
    base_port: int

    @property
    def home(self) -> Path:
        """Where the stack's services live."""
        return self.project / ".pilothouse" / self.name

    def command(self, *arguments: str) -> list[str]:
        """The argument list of `pilothouse …` on this stack."""
        program = str(REPOSITORY / ".venv" / "bin" / "pilothouse")
        named = () if arguments[0] == "list" else (self.name,)
        return [program, *arguments, *named, "--project", str(self.project)]

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """`pilothouse …` on this stack, in a process group of its own."""
        return subprocess.Popen(
            self.command(*arguments),
            env=self.environment() | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, expect: int = 0, **variables: str) -> str:
        """The output of `pilothouse …`, which must exit with `expect`."""
        process = self.start(*arguments, **variables)
        try:
            output, _ = process.communicate(timeout=400)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        assert process.returncode == expect, f"{arguments}: {process.returncode}\n{output}"
        return output

    def json(self, *arguments: str) -> Any:
        """The JSON document of `pilothouse … --json`."""
        output = self.run(*arguments, "--json")
        return json.loads(output[output.index("\n{") if "\n{" in output else 0 :])

    def pulumi(self, *arguments: str, fails: bool = False) -> str:
        """The output of raw `pulumi … -s <stack>` with what `pilothouse env` gives."""
        exported = self.json("env")
        done = subprocess.run(
            ["pulumi", *arguments, "--stack", self.name, "--non-interactive"],
            cwd=self.project,
            env=self.environment() | exported,
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )
        assert (done.returncode != 0) == fails, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def environment(self) -> dict[str, str]:
        """The caller's environment without what would choose another backend.

        What killed processes leave among temporary files goes with the project.
        """
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("PULUMI_")}
        return inherited | {
            "PULUMI_HOME": str(self.project / ".pulumi-home"),
            "TMPDIR": str(self.project / "tmp"),
            "NO_COLOR": "1",
        }

    def settings(self, **settings: object) -> None:
        """Write the stack's file with these settings of the target."""
        values = {"basePort": self.base_port, "environments": str(ENVIRONMENTS), **settings}
        write_stack_file(self.project, self.name, "local", values)

    def processes(self) -> list[psutil.Process]:
        """Every process that works below the project, whoever started it."""
        return [process for process in psutil.process_iter() if self._is_inside(process)]

    def command_lines(self) -> set[str]:
        """What anybody may see of these processes."""
        return {line for process in self.processes() if (line := _command_line(process))}

    def processes_of(self, service: str) -> list[psutil.Process]:
        """The process of a service that supervisord started, and all below it."""
        first = psutil.Process(supervision.programs(self.home)[service].pid)
        return [first, *first.children(recursive=True)]

    def answers(self, service: str, since: datetime | None = None) -> bool:
        """Whether the contract's probes of a service find nothing amiss.

        With `since`, Airflow must have heard of the component after that: its report calls one
        healthy for half a minute after its last sign.
        """
        found = [Probe(**probe) for part in self.contract().values() for probe in part["probes"]]
        wanted = [probe for probe in found if probe.service == service]
        assert wanted, service
        if any(map(find_failure, wanted)):
            return False
        return since is None or all(self._heard(probe, since) for probe in wanted)

    def _heard(self, probe: Probe, since: datetime) -> bool:
        if probe.kind != "airflow":
            return True
        component = probe.service.removeprefix("airflow-").replace("-", "_")
        try:
            health = httpx.get(probe.address, timeout=15).json()[component]
        except httpx.HTTPError:
            return False
        return datetime.fromisoformat(health[f"latest_{component}_heartbeat"]) > since

    def contract(self) -> dict[str, Any]:
        """The stack's contract; asked once, since a stack keeps its addresses."""
        return _contract(self)

    def resources(self) -> list[dict[str, Any]]:
        """The state's resources with their secrets in clear; the stack itself is the first."""
        state = json.loads(self.pulumi("stack", "export", "--show-secrets"))
        return [_plain(resource) for resource in state["deployment"]["resources"]]

    def resource(self, name: str) -> dict[str, Any]:
        """One resource by its logical name."""
        return next(r for r in self.resources() if r["urn"].endswith(f"::{name}"))

    def traces(self) -> list[str]:
        """What is left of the stack, looked for without the code under test."""
        ports = range(self.base_port, self.base_port + BLOCK)
        sockets = [p for port in ports for p in Path("/tmp").glob(f"seaweedfs-*-{port}.sock")]
        return [
            *(f"process {process}" for process in self.processes()),
            *(f"port {port}" for port in ports if not is_free(port)),
            *(f"socket {path}" for path in sockets),
            *(f"file {path}" for path in [self.home] if path.exists()),
        ]

    def _is_inside(self, process: psutil.Process) -> bool:
        try:
            return Path(process.cwd()).is_relative_to(self.project)
        except (psutil.Error, OSError):
            return False


def _command_line(process: psutil.Process) -> str:
    """The arguments of a process; "" of one that has ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


@cache
def _contract(stack: Stack) -> dict[str, Any]:
    return dict(stack.resources()[0]["outputs"]["contract"])


def _plain(value: Any) -> Any:
    """A value of the state with its secrets put in place."""
    if isinstance(value, dict):
        if "plaintext" in value:
            return _plain(json.loads(value["plaintext"]))
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def write_stack_file(
    project: Path, stack: str, target: str, settings: Mapping[str, object]
) -> None:
    """Put a stack on a target, with these settings of the target."""
    config = {"pilothouse:target": target, f"pilothouse:{target}": dict(settings)}
    file = project / "stacks" / f"Pulumi.{stack}.yaml"
    file.write_text(yaml.safe_dump({"config": config}))


@contextmanager
def own_package_environments() -> Iterator[None]:
    """The environments of the team's packages that the body makes go at its end."""
    before = set(ENVIRONMENTS.glob("team-*"))
    try:
        yield
    finally:
        for path in set(ENVIRONMENTS.glob("team-*")) - before:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def is_free(port: int) -> bool:
    """Whether nobody listens on a loopback port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def free_block() -> int:
    """The first of BLOCK loopback ports that nobody uses, away from the defaults."""
    return next(
        base
        for base in range(14000 + os.getpid() % 50 * 100, 20000, BLOCK)
        if all(is_free(port) for port in range(base, base + BLOCK))
    )


@contextmanager
def local_stack(name: str = "pilot", platform: str = MINIMAL) -> Iterator[Stack]:
    """A stack that is not up yet, in a folder that others may pass through; all of it goes."""
    with project_folder(platform) as project:
        stack = Stack(project, name, free_block())
        stack.settings()
        try:
            yield stack
        finally:
            end_all(stack)


@contextmanager
def project_folder(platform: str = MINIMAL) -> Iterator[Path]:
    """A project with the repository's program and tools, and no stack yet."""
    with empty_folder() as project:
        _fill(project, platform)
        yield project


def _fill(project: Path, platform: str) -> None:
    for shared in ("infra", ".venv", ".toolchain"):
        (project / shared).symlink_to(REPOSITORY / shared)
    shutil.copy(REPOSITORY / "Pulumi.yaml", project)
    (project / "platform.yaml").write_text(platform)
    for folder in ("stacks", "tmp"):
        (project / folder).mkdir()


@contextmanager
def empty_folder() -> Iterator[Path]:
    """A folder that others may pass through, as services that run as somebody else have to."""
    folder = Path(tempfile.mkdtemp(prefix="pilothouse-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def end_all(stack: Stack) -> None:
    """Kill every process of the stack, as often as one comes back."""
    while left := stack.processes():
        for process in left:
            _kill(process)
        psutil.wait_procs(left, timeout=10)


def _kill(process: psutil.Process) -> None:
    """SIGKILL, if it is still there."""
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return
