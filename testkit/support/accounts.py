"""An AWS account in memory, and projects whose engine works on it through a provider."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import psutil
import yaml

from testkit.fake_providers.aws import server
from testkit.fake_providers.aws.account import NUMBER
from testkit.fake_providers.aws.faults import CONTROL, Control
from testkit.fake_providers.aws.resident import DEBUG, resident
from testkit.fake_providers.core import plugin
from testkit.support.stacks import MINIMAL, project_folder, write_stack_file

REPOSITORY = Path(__file__).parents[2]
REGION = "eu-west-1"
STACK = "pilot"
CREDENTIALS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
KEYS = {name.upper(): value for name, value in CREDENTIALS.items()}
_TIMEOUT = 300  # seconds of one command of the engine


@dataclass(frozen=True)
class Account:
    """Services in memory: their address, the variables that lead to them, and the faults."""

    url: str
    variables: Mapping[str, str]
    control: Control

    def client(self, service: str) -> Any:
        """A boto3 client of it, whatever the environment says."""
        made: Any = boto3.client  # the stubs know a few services only
        return made(service, region_name=REGION, endpoint_url=self.url, **CREDENTIALS)


@contextmanager
def account(folder: Path, *, spawned: bool = False) -> Iterator[Account]:
    """An empty account; its provider lives in this process, or is `spawned` by the engine.

    The official plugin, where one is on PATH, is always started by the engine.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        url = stack.enter_context(server.serving())
        variables = {**KEYS, "AWS_ENDPOINT_URL": url, "AWS_REGION": REGION, CONTROL: str(folder)}
        for name, value in variables.items():
            stack.callback(_restore, name, os.environ.get(name))
            os.environ[name] = value
        if not spawned and plugin.is_double("aws"):
            variables[DEBUG] = stack.enter_context(resident(folder, url, CREDENTIALS))
        yield Account(url, variables, Control(folder))


def _restore(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


@dataclass
class Project:
    """A folder with a Pulumi program, a stack of it, and a state of its own."""

    folder: Path
    stack: str
    variables: Mapping[str, str]
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def pulumi(self, *arguments: str, code: int = 0) -> str:
        """What a command prints; it has to exit with `code`."""
        process = self.start(*arguments)
        output, _ = process.communicate(timeout=_TIMEOUT)
        assert process.returncode == code, f"{arguments}: {process.returncode}\n{output}"
        return output

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A command in the background, in a process group of its own."""
        command = ["pulumi", *arguments, "--stack", self.stack, "--color=never"]
        process = subprocess.Popen(
            [*command, "--non-interactive"], cwd=self.folder, env=self.environment(), text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        self.started.append(process)
        return process

    def up(self, *arguments: str, code: int = 0) -> str:
        """Update without a preview."""
        return self.pulumi("up", "--yes", "--skip-preview", *arguments, code=code)

    def destroy(self, *arguments: str, code: int = 0) -> str:
        """Remove everything, what holds data too."""
        self.pulumi("state", "unprotect", "--all", "--yes")
        return self.pulumi("destroy", "--yes", "--skip-preview", *arguments, code=code)

    def planned(self) -> dict[str, str]:
        """What an update would do, by kind and logical name; what stays the same is left out."""
        steps = json.loads(self.pulumi("preview", "--json"))["steps"]
        return {_label(step["urn"]): step["op"] for step in steps if step["op"] != "same"}

    def state(self) -> Any:
        """The stack's state."""
        return json.loads(self.pulumi("stack", "export"))

    def resources(self) -> dict[str, dict[str, Any]]:
        """The state's resources, by their kind and logical name such as `Vpc vpc`."""
        found = self.state()["deployment"].get("resources", [])
        return {_label(each["urn"]): each for each in found}

    def environment(self) -> dict[str, str]:
        """The engine's variables: no credentials but the made-up ones, no way out."""
        kept = {n: v for n, v in os.environ.items() if not n.startswith(("PULUMI_", "AWS_"))}
        folders = [str(REPOSITORY / ".toolchain/bin"), str(REPOSITORY / ".venv/bin")]
        return kept | {
            "PATH": os.pathsep.join([*folders, kept["PATH"]]),
            "PULUMI_HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "of no worth",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            **self.variables,
        }

    def processes(self) -> list[psutil.Process]:
        """Every living process of this project's engine."""
        return [process for process in psutil.process_iter() if self._owns(process)]

    def processes_after(self, seconds: float) -> list[psutil.Process]:
        """What still lives after a while; returns as soon as nothing does."""
        end = time.monotonic() + seconds
        while (left := self.processes()) and time.monotonic() < end:
            time.sleep(0.1)
        return left

    def end(self) -> None:
        """Kill what was started and still runs."""
        for process in self.started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            if process.stdout:
                process.stdout.close()
            process.wait()

    def _owns(self, process: psutil.Process) -> bool:
        with contextlib.suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE:
                return process.environ().get("PULUMI_HOME") == str(self.folder / "home")
        return False


def project(
    folder: Path, program: str, variables: Mapping[str, str], name: str = "small"
) -> Project:
    """A project of one file, with an empty stack."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "__main__.py").write_text(program, encoding="utf-8")
    runtime = {"name": "python", "options": {"virtualenv": str(REPOSITORY / ".venv")}}
    described = {"name": name, "runtime": runtime, "plugins": plugin.project_plugins("aws")}
    (folder / "Pulumi.yaml").write_text(json.dumps(described), encoding="utf-8")
    return _with_stack(folder, "dev", variables)


@contextmanager
def platform_project(
    variables: Mapping[str, str], platform: str = MINIMAL, **settings: object
) -> Iterator[Project]:
    """The repository's program with a platform's file, and an empty stack of it on AWS."""
    with project_folder(platform) as folder:
        described = yaml.safe_load((folder / "Pulumi.yaml").read_text())
        named = json.dumps({**described, "plugins": plugin.project_plugins("aws")})
        (folder / "Pulumi.yaml").write_text(named)
        set_target(folder, **settings)
        made = _with_stack(folder, STACK, variables)
        try:
            yield made
        finally:
            made.end()


def set_target(folder: Path, **settings: object) -> None:
    """Write the stack's file."""
    write_stack_file(folder, STACK, "aws", {"region": REGION, "accountId": NUMBER, **settings})


def _with_stack(folder: Path, stack: str, variables: Mapping[str, str]) -> Project:
    (folder / "state").mkdir()
    (folder / "tmp").mkdir(exist_ok=True)
    made = Project(folder, stack, variables)
    made.pulumi("stack", "init")
    return made


def _label(urn: str) -> str:
    kind, _, name = urn.rpartition("::")
    return f"{kind.rpartition(':')[2]} {name}"
