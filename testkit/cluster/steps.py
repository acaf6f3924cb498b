"""Progress, one line a step with its seconds, and commands whose failure says why."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from testkit.cluster.settings import SYSTEM_FOLDERS, ClusterError

_TAIL = 20  # lines of output shown with an error


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say what is being done, and then how long it took."""
    began = time.monotonic()
    say(f"{what:<40} ", end="")
    try:
        yield
    except BaseException:
        say("failed")
        raise
    say(f"{time.monotonic() - began:6.1f} s")


def say(text: str, end: str = "\n") -> None:
    """Print at once, also where output is a pipe."""
    sys.stdout.write(f"{text}{end}")
    sys.stdout.flush()


def wide_path() -> str:
    """PATH with the folders of the administrator's programs, which a user's may lack."""
    return f"{os.environ.get('PATH', '')}:{SYSTEM_FOLDERS}"


def run(
    *command: str | Path,
    given: str | None = None,
    folder: Path | None = None,
    variables: Mapping[str, str] | None = None,
) -> str:
    """What a command prints; ClusterError with the end of its output if it fails."""
    done = subprocess.run(
        command,
        input=given,
        cwd=folder,
        env={**os.environ, "PATH": wide_path()} if variables is None else variables,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        shown = _tail(done.stdout + done.stderr)
        raise ClusterError(f"`{' '.join(map(str, command))}` gave {done.returncode}:\n{shown}")
    return done.stdout


def runs(*command: str | Path, given: str | None = None) -> bool:
    """Whether a command can be run and succeeds."""
    try:
        run(*command, given=given)
    except (ClusterError, OSError):
        return False
    return True


def wait_until(holds: Callable[[], object], seconds: float, what: str, log: Path) -> None:
    """Return when `holds`; ClusterError with the end of a log if it takes too long."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise ClusterError(f"{what}: not within {seconds:.0f} s; {end_of(log)}")
        time.sleep(0.2)


def end_of(log: Path) -> str:
    """The last lines of a log, with its path."""
    text = log.read_text(errors="replace") if log.exists() else "(there is none)"
    return f"the end of {log}:\n{_tail(text)}"


def _tail(text: str) -> str:
    lines = text.splitlines()[-_TAIL:]
    return "\n".join(f"    {line}" for line in lines)
