"""SIGINT and SIGTERM: the engine ends in order before this process does.

The Automation API waits for `pulumi` in threads that fail if an exception ends the wait. So while
an engine runs, an interrupt is noted and handed on to it; KeyboardInterrupt follows its end.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import psutil

SIGNALS = (signal.SIGINT, signal.SIGTERM)
STOPPING = (
    "stopping: operations that are under way end first; "
    "interrupt again to end without waiting for them"
)


GRACE = 10.0  # seconds for an engine that was interrupted twice


class Interrupts:
    """What to do on an interrupt: `report` a line at once where the engine has to end first."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self.report = report
        self._engines = 0
        self._interrupted = False

    @contextmanager
    def handled(self) -> Iterator[None]:
        """Handle the signals of this process; does nothing outside the main thread."""
        global _current  # noqa: PLW0603 - signals belong to the process
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before, _current = _current, self
        handlers = {number: signal.signal(number, self._receive) for number in SIGNALS}
        try:
            yield
        finally:
            _current = before
            for number, handler in handlers.items():
                signal.signal(number, handler)

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Raise KeyboardInterrupt after the body, instead of its own error, if one was received."""
        self._engines += 1
        try:
            yield
        finally:
            self._engines -= 1
            if self._interrupted:
                raise KeyboardInterrupt

    def _receive(self, number: int, _frame: object) -> None:
        if not self._engines:
            raise KeyboardInterrupt
        if not self._interrupted:
            self._interrupted = True
            self.report(STOPPING)
        else:
            _end_plugins_after(GRACE)
        if number != signal.SIGINT or not _is_foreground():
            interrupt_engines()


def after_engine() -> AbstractContextManager[None]:
    """The body runs an engine, whose end every interrupt waits for."""
    return _current.deferred()


def _is_foreground() -> bool:
    """Whether Ctrl-C in the terminal reaches the engine as it reaches this process."""
    try:
        with Path("/dev/tty").open("rb", buffering=0) as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False


def report(text: str) -> None:
    """A line for the user while an engine runs."""
    _current.report(text)


def interrupt_engines() -> None:
    """Send SIGINT to each engine of this process: the first stops it in order, a second at once."""
    for engine in _engines():
        with suppress(psutil.NoSuchProcess):
            engine.send_signal(signal.SIGINT)


def end_plugins() -> None:
    """Kill what the engines started, so that one that waits for an answer of it ends in order."""
    for process in _parts():
        with suppress(psutil.NoSuchProcess):
            process.kill()


def engine_parts() -> list[str]:
    """The processes that the engines started, each by its name and number."""
    found = []
    for process in _parts():
        with suppress(psutil.NoSuchProcess):
            found.append(f"{process.name()} {process.pid}")
    return found


def _end_plugins_after(seconds: float) -> None:
    timer = threading.Timer(seconds, end_plugins)
    timer.daemon = True
    timer.start()


def _engines() -> list[psutil.Process]:
    children = psutil.Process().children()
    return [child for child in children if _name(child) == "pulumi"]


def _parts() -> list[psutil.Process]:
    found = []
    for engine in _engines():
        with suppress(psutil.NoSuchProcess):
            found += engine.children(recursive=True)
    return found


def _name(process: psutil.Process) -> str:
    try:
        return str(process.name())
    except psutil.NoSuchProcess:
        return ""


_current = Interrupts(lambda _text: None)
