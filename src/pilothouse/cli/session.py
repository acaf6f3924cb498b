"""What surrounds every command: its report, its questions, and errors as exit codes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

import typer

from pilothouse.errors import PilothouseError, Refused
from pilothouse.lifecycle.engine.interrupts import Interrupts
from pilothouse.lifecycle.report import Report

INTERRUPTED = 130


def today() -> date:
    """The day in UTC, with which the expiry of a pilot is compared."""
    return datetime.now(UTC).date()


def confirm(question: str, action: str, *, option: str = "--yes") -> None:
    """Ask in a terminal; raises Refused if the answer is no, or if there is nobody to ask."""
    if not sys.stdin.isatty():
        raise Refused(f"stdin is not a terminal; pass {option} to {action}")
    if not typer.confirm(question):
        raise Refused("nothing was changed")


@contextmanager
def reported(as_json: bool) -> Iterator[Report]:
    """Errors as messages with their exit codes; an unexpected one shows its traceback."""
    report = Report(as_json=as_json)
    try:
        with Interrupts(report.say).handled():
            yield report
    except PilothouseError as error:
        report.error(error)
        raise typer.Exit(error.exit_code) from error
    except KeyboardInterrupt:
        report.say("interrupted: run the same command again, it continues from there")
        raise typer.Exit(INTERRUPTED) from None
    finally:
        report.close()
