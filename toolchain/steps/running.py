"""Long commands with their progress, their output kept in a file."""

import collections.abc
import dataclasses
import os
import pathlib
import subprocess
import sys
import time
import typing

from steps.places import SetupError

EVERY = 10.0  # seconds between lines of progress when nobody watches a terminal
TAIL = 20  # lines of output shown with an error

# What would send a tool to another place than the one it is given.
MISLEADING = (
    "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX",
    "PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_REQUIRE_VIRTUALENV", "PIP_CONSTRAINT",
    "UV_PYTHON", "UV_SYSTEM_PYTHON", "UV_TARGET", "UV_PREFIX", "UV_CONSTRAINT", "UV_OVERRIDE",
    "UV_PROJECT_ENVIRONMENT", "UV_REQUIRE_HASHES", "UV_NO_BUILD_ISOLATION", "UV_EXCLUDE_NEWER",
    "GOBIN", "GOOS", "GOARCH", "GOEXPERIMENT", "GOROOT",
)  # fmt: skip


def clean_environment(**more: str) -> dict[str, str]:
    """The user's environment without what misleads; caches, indexes and proxies are kept."""
    kept = {name: value for name, value in os.environ.items() if name not in MISLEADING}
    return kept | more


def say(text: str) -> None:
    """Print one line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


Command = collections.abc.Sequence[str | os.PathLike[str]]


@dataclasses.dataclass(frozen=True)
class Step:
    """A command to run: what it is for, and where its output goes."""

    what: str
    command: Command
    log: pathlib.Path
    cwd: pathlib.Path | None = None
    environment: dict[str, str] = dataclasses.field(default_factory=clean_environment)
    remedy: str = ""


def run(step: Step) -> None:
    """Run a step, telling the seconds. An exit code other than 0 is a SetupError."""
    step.log.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    say(f"{step.what} …")
    with step.log.open("wb") as output:
        code = _wait(_start(step, output), step.what, started)
    if code != 0:
        raise SetupError(_failure(step, code))
    say(f"{step.what}: done in {time.monotonic() - started:.1f} s")


def _start(step: Step, output: typing.BinaryIO) -> subprocess.Popen[bytes]:
    # The set-up's lock is inherited: should the set-up be killed, the next one waits for this end.
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
