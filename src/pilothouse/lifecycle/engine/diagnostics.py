"""What the engine, the program and the plugins said in one operation: gathered, and logged."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import dropwhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from pulumi.automation.events import DiagnosticEvent, EngineEvent

FOLDER = "logs"
TRACEBACK = "Traceback (most recent call last):\n"
OUTPUT_LINES = 15  # of what was printed, in a message

_COLOUR = re.compile(r"<\{%.*?%\}>")
_OWN_EXCEPTION = re.compile(r"^pilothouse\.[\w.]+: ")
_COMMAND_ERROR = re.compile(
    r"\n code: (?P<code>-?\d+)\n stdout: .*?\n stderr: (?P<stderr>.*)", re.DOTALL
)


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """An error that the engine reported; `resource` is "" where it is of none that was asked for.

    resource: the type's last part and the logical name, such as `Job migration`.
    """

    message: str
    resource: str = ""

    def __str__(self) -> str:
        return f"{self.resource}: {self.message}" if self.resource else self.message


class Diagnostics:
    """Listens to the events of one operation; a context manager that owns the log.

    The log is private, and is begun anew with the first line that an operation has. What `pulumi`
    writes to standard output is not in it: that repeats the events, or is a state with its secrets.
    """

    def __init__(self, log: Path) -> None:
        self.log = log
        self.errors: list[Diagnostic] = []
        self._output = deque[str](maxlen=OUTPUT_LINES)
        self._file: TextIO | None = None

    def __enter__(self) -> Diagnostics:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._file:
            with suppress(OSError):
                self._file.close()

    @property
    def output(self) -> Sequence[str]:
        """The last lines that the program or a plugin printed."""
        return list(self._output)

    @property
    def is_logged(self) -> bool:
        """Whether the log has what was said; a full disk or its folder can prevent that."""
        return self._file is not None

    def note(self, event: EngineEvent) -> None:
        """Keep what the event says, if it is a diagnostic that lasts."""
        said = event.diagnostic_event
        if said is None or said.ephemeral or said.severity == "debug":
            return
        resource, message = _resource(said), plain(said)
        if not message:
            return
        self._write(f"{said.severity}: {Diagnostic(message=message, resource=resource)}")
        if resource:
            message = _without_traceback(message)
        found = Diagnostic(message=message, resource=resource)
        if said.severity == "error":
            self.errors.append(found)
        elif said.severity.startswith("info"):
            self._output.extend(found.message.splitlines())

    def note_end(self, error: Exception) -> tuple[int, str]:
        """The exit code and the standard error of the `pulumi` that failed, which are logged."""
        parts = _COMMAND_ERROR.fullmatch(str(error))
        code = int(parts["code"]) if parts else 1
        said = (parts["stderr"] if parts else str(error)).strip()
        if said:
            self._write(said)
        self._write(f"pulumi ended with {code}")
        return code, said

    def _write(self, text: str) -> None:
        with suppress(OSError):
            self._file = self._file or _begin(self.log)
            self._file.write(f"{text}\n")
            self._file.flush()


def plain(event: Any) -> str:
    """A diagnostic without the engine's colour marks and gRPC's preamble."""
    text = _COLOUR.sub("", event.message)
    return str(text.replace("Exception calling application: ", "").strip())


def _without_traceback(message: str) -> str:
    """What an exception in a plugin says; its type too, where it is none of ours."""
    head, mark, frames = message.rpartition(TRACEBACK)
    if not mark:
        return message
    lines = frames.splitlines(keepends=True)
    said = "".join(dropwhile(lambda line: line.startswith(" "), lines))
    before = head.partition(TRACEBACK)[0]
    return (before + _OWN_EXCEPTION.sub("", said)).strip()


def _begin(path: Path) -> TextIO:
    path.parent.mkdir(mode=0o700, exist_ok=True)  # a clone without a folder of its own gets none
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.fchmod(descriptor, 0o600)
    return os.fdopen(descriptor, "w", encoding="utf-8")


def _resource(event: DiagnosticEvent) -> str:
    rest, _, name = (event.urn or "").rpartition("::")
    kind = rest.rpartition("::")[2]
    if not kind or kind.startswith("pulumi:"):
        return ""
    return f"{kind.rpartition(':')[2]} {name}"
