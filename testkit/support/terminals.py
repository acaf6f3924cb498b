"""A program in a terminal of its own, as a person has it who presses Ctrl-C."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import subprocess
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

CTRL_C = b"\x03"
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """What a program printed, and what is typed."""

    def __init__(self, process: subprocess.Popen[bytes], master: int) -> None:
        self.process, self._master, self._printed = process, master, b""

    @property
    def text(self) -> str:
        """All that was printed so far, without control sequences."""
        return _CONTROL.sub("", self._printed.decode(errors="replace")).replace("\r", "\n")

    def wait_for(self, text: str, seconds: float) -> None:
        """Read on until `text` was printed."""
        deadline = time.monotonic() + seconds
        while text not in self.text:
            assert time.monotonic() < deadline, f"no {text!r} in:\n{self.text}"
            assert self._read(), f"ended without {text!r}:\n{self.text}"

    def press_ctrl_c(self) -> None:
        """Interrupt the program and all that it started in the foreground."""
        os.write(self._master, CTRL_C)

    def type(self, text: str) -> None:
        """Type an answer."""
        os.write(self._master, text.encode())

    def exit_code(self, seconds: float) -> int:
        """The exit code, once it has ended."""
        deadline = time.monotonic() + seconds
        while self._read():
            assert time.monotonic() < deadline, f"still running:\n{self.text}"
        return self.process.wait(timeout=10)

    def _read(self) -> bool:
        """Read for at most a moment; False once there will be nothing more."""
        if select.select([self._master], [], [], 0.1)[0]:
            try:
                self._printed += os.read(self._master, 65536)
            except OSError:  # nobody has the other side any more
                return False
        return True


@contextmanager
def in_terminal(
    command: Sequence[str | Path], environment: Mapping[str, str]
) -> Iterator[Terminal]:
    """Run a program in the foreground of a new terminal; killed at the end if it still runs."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        command,
        env=environment,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - no threads here
    ) as process:
        os.close(slave)
        try:
            yield Terminal(process, master)
        finally:
            process.kill()
            os.close(master)
