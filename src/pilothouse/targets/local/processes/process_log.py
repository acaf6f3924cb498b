"""The end of a process's log, as the error of a process that failed shows it."""

from __future__ import annotations

from pathlib import Path

LINES = 25


def end_of(log: Path) -> list[str]:
    """The last lines of a log, its path and the remedy, a line each."""
    written = log.read_text(errors="replace").splitlines() if log.exists() else []
    heading = ["the last lines of its log:"] if written else ["its log is empty"]
    return [
        *heading,
        *(f"  {line}" for line in written[-LINES:]),
        f"the whole log is {log}",
        "correct what it names and run `pilothouse up` again; `pilothouse down` deletes the stack",
    ]
