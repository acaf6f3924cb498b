"""Fixtures of the real engine: the tool chain's environment and small Pulumi projects."""

import collections.abc
import contextlib
import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import typing

import psutil
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "toolchain"))  # its steps are a program, not an installed package

Event = dict[str, typing.Any]


@dataclasses.dataclass(frozen=True)
class Project:
    """A Pulumi project in a folder of its own, with its state beside it and a stack `dev`."""

    folder: pathlib.Path
    environment: dict[str, str]

    def pulumi(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run pulumi to its end; by default it has to succeed."""
        done = subprocess.run(
            ["pulumi", *arguments, "--color=never", "--non-interactive"],
            cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip
        if check and done.returncode != 0:
            pytest.fail(f"pulumi {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}")
        return done

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Run pulumi in the background, its output in one stream."""
        return subprocess.Popen(
            ["pulumi", *arguments, "--color=never", "--non-interactive"],
            cwd=self.folder, env=self.environment, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def preview_events(self) -> tuple[int, list[Event]]:
        """Preview; the exit code and the engine's own record of what happened."""
        streaming = {"PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "1"}
        own = dataclasses.replace(self, environment=self.environment | streaming)
        done = own.pulumi("preview", "--json", check=False)
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]

    def processes(self) -> list[psutil.Process]:
        """Every living process that was started with this project's environment."""
        return [process for process in psutil.process_iter() if self._owns(process)]

    def _owns(self, process: psutil.Process) -> bool:
        with contextlib.suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE:
                return process.environ().get("PULUMI_HOME") == self.environment["PULUMI_HOME"]
        return False

    def processes_after(self, seconds: float) -> list[psutil.Process]:
        """What still lives after a while; returns as soon as nothing does."""
        end = time.monotonic() + seconds
        while (left := self.processes()) and time.monotonic() < end:
            time.sleep(0.1)
        return left

    def remove(self) -> list[psutil.Process]:
        """Remove every file and process; returns the processes that had to be killed."""
        left = self.processes_after(5)
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.kill()
        shutil.rmtree(self.folder)
        return left


MakeProject = collections.abc.Callable[..., Project]


@pytest.fixture(scope="session")
def toolchain_environment() -> dict[str, str]:
    """Environment variables with which `pulumi` is the tool chain's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")}
    path = os.pathsep.join([str(ROOT / ".toolchain/bin"), str(ROOT / ".venv/bin"), kept["PATH"]])
    if not shutil.which("pulumi", path=path):
        pytest.fail("pulumi is neither on PATH nor in .toolchain/bin; run `make setup-tests`")
    return kept | {
        "PATH": path,
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }


@pytest.fixture(scope="session")
def own_language_host() -> None:
    """Skip what holds our own language host to more than the official one keeps."""
    host = ROOT / ".toolchain/bin/pulumi-resource-pulumi-python"
    if not host.exists() or host.read_bytes()[:2] == b"#!":  # the official one is a script
        pytest.skip("the official pulumi is used here")


@pytest.fixture(scope="session")
def empty_stack(
    tmp_path_factory: pytest.TempPathFactory, toolchain_environment: dict[str, str]
) -> pathlib.Path:
    """A project folder with a stack `dev` that projects copy: quicker than to make each anew."""
    project = _project(tmp_path_factory.mktemp("empty") / "project", toolchain_environment)
    _write(project.folder, "", {})
    project.pulumi("stack", "init", "dev")
    return project.folder


@pytest.fixture
def pulumi_project(
    tmp_path: pathlib.Path, toolchain_environment: dict[str, str], empty_stack: pathlib.Path
) -> collections.abc.Iterator[MakeProject]:
    """Make projects from a program's text; each is removed, and must have left no process."""
    made: list[Project] = []

    def make(program: str, **settings: object) -> Project:
        folder = tmp_path / f"project{len(made)}"
        shutil.copytree(empty_stack, folder)
        made.append(_project(folder, toolchain_environment))
        _write(folder, program, settings)
        return made[-1]

    yield make
    left = [process for project in made for process in project.remove()]
    assert not left, f"processes were left behind: {left}"


def _project(folder: pathlib.Path, environment: dict[str, str]) -> Project:
    for below in ("state", "tmp"):
        (folder / below).mkdir(parents=True, exist_ok=True)
    own = {
        "TMPDIR": str(folder / "tmp"),
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "of no worth",
        "PULUMI_STACK": "dev",
    }
    return Project(folder, environment | own)


def _write(folder: pathlib.Path, program: str, settings: dict[str, object]) -> None:
    main = folder / str(settings.get("main", "."))
    main.mkdir(exist_ok=True)
    (main / "__main__.py").write_text(program, encoding="utf-8")
    runtime = {"name": "python", "options": {"virtualenv": str(ROOT / ".venv")}}
    text = json.dumps({"name": "trial", "runtime": runtime} | settings)
    (folder / "Pulumi.yaml").write_text(text, encoding="utf-8")
