"""Runs long commands with progress lines; their output goes to a file."""

import collections.abc
import dataclasses
import os
import pathlib
import subprocess
import sys
import time
import typing

from steps.places import SetupError

EVERY = 10.0  # seconds between lines of progress
TAIL = 20  # lines of output shown with an error

# Variables that would have a tool use another path than the given one.
MISLEADING = (
    "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX",
    "PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_REQUIRE_VIRTUALENV", "PIP_CONSTRAINT",
    "UV_PYTHON", "UV_SYSTEM_PYTHON", "UV_TARGET", "UV_PREFIX", "UV_CONSTRAINT", "UV_OVERRIDE",
    "UV_PROJECT_ENVIRONMENT", "UV_REQUIRE_HASHES", "UV_NO_BUILD_ISOLATION", "UV_EXCLUDE_NEWER",
    "GOBIN", "GOOS", "GOARCH", "GOEXPERIMENT", "GOROOT",
)  # fmt: skip


def clean_environment(**more: str) -> dict[str, str]:
    """The user's environment without MISLEADING; caches, indexes and proxies are kept."""
    inherited = {name: value for name, value in os.environ.items() if name not in MISLEADING}
    return inherited | more


def say(text: str) -> None:
    """Print one line without buffering."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


Command = collections.abc.Sequence[str | os.PathLike[str]]


@dataclasses.dataclass(frozen=True)
class Step:
    """A command, its purpose in words (`what`), and the file of its output (`log`)."""

    what: str
    command: Command
    log: pathlib.Path
    cwd: pathlib.Path | None = None
    environment: dict[str, str] = dataclasses.field(default_factory=clean_environment)
    remedy: str = ""


def run(step: Step) -> None:
    """Run a step and print its duration; raises SetupError if it exits with another code than 0."""
    step.log.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    say(f"{step.what} …")
    with step.log.open("wb") as output:
        code = _wait(_start(step, output), step.what, started)
    if code != 0:
        raise SetupError(_failure(step, code))
    say(f"{step.what}: done in {time.monotonic() - started:.1f} s")


def _start(step: Step, output: typing.BinaryIO) -> subprocess.Popen[bytes]:
    # The process inherits the set-up's lock: if the set-up is killed, the next one waits for it.
    return subprocess.Popen(
        step.command, cwd=step.cwd, env=step.environment, stdin=subprocess.DEVNULL,
        stdout=output, stderr=subprocess.STDOUT, close_fds=False,
    )  # fmt: skip


def _wait(process: subprocess.Popen[bytes], what: str, started: float) -> int:
    while True:
        try:
            return process.wait(timeout=EVERY)
        except subprocess.TimeoutExpired:
            say(f"{what} … {time.monotonic() - started:.0f} s")
        except BaseException:
            process.terminate()
            process.wait()
            raise


def _failure(step: Step, code: int) -> str:
    lines = step.log.read_text(encoding="utf-8", errors="replace").splitlines()
    text = "\n".join(f"    {line}" for line in lines[-TAIL:])
    head = f"{step.what} failed with exit code {code}; the end of {step.log}:"
    return f"{head}\n{text}\n{step.remedy}".rstrip()
