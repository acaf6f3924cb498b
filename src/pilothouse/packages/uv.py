"""uv, which builds, locks and exports; what it says last is the user's to see."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from pilothouse.errors import PilothouseError

SHOWN_LINES = 25
LIMIT = 1800  # seconds; a build of a team's package may compile
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class UvFailed(PilothouseError):
    """uv ended with an error; the message has what it said last."""

    def __init__(self, command: str, said: str) -> None:
        super().__init__(f"uv {command} failed: {said}")
        self.command = command


def run(
    *arguments: str,
    stdin: str = "",
    variables: Mapping[str, str] = MappingProxyType({}),
    descriptors: Sequence[int] = (),
) -> str:
    """Run uv; returns its standard output.

    `descriptors` stay open in it. Raises UvFailed, and PilothouseError where there is no uv.
    """
    program = shutil.which("uv")
    if program is None:
        raise PilothouseError("uv is not on PATH: run `pilothouse setup`")
    environment = {**os.environ, "UV_NO_PROGRESS": "1", "NO_COLOR": "1", **variables}
    environment.pop("VIRTUAL_ENV", None)
    try:
        done = subprocess.run(
            [program, *arguments],
            input=stdin,
            env=environment,
            pass_fds=descriptors,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UvFailed(arguments[0], f"it did not end within {LIMIT} s") from error
    if done.returncode:
        raise UvFailed(arguments[0], last_words(done.stderr.splitlines()))
    return done.stdout


def last_words(lines: Iterable[str]) -> str:
    """The end of what a program said, without colours and empty lines."""
    plain = [_COLOURS.sub("", line).rstrip() for line in lines]
    return "\n".join([line for line in plain if line][-SHOWN_LINES:])
