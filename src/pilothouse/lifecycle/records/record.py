"""A record of each command that changes, proves or uses a stack: one line of JSON, only appended.

The file is of the project and outlives the stack. It has no secret: of an error, only the first
line of its message, which never shows one.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from pilothouse.contract import CAPABILITIES
from pilothouse.errors import InvalidInput, PilothouseError, Problem, Refused
from pilothouse.lifecycle.engine.project import Project
from pilothouse.lifecycle.report import Report
from pilothouse.plan import Plan

FOLDER = "records"
SCHEMA = 1
KEPT = ("changes", "seconds", "estimate", "run", "proof", *CAPABILITIES)
"""What of a command's outcome is kept, by its keys in the document of `--json`."""

Outcome = Literal["succeeded", "failed", "refused", "interrupted"]


@dataclass(frozen=True, kw_only=True)
class Record:
    """What one command did.

    time: when it began, in UTC. seconds: how long it took. error: the first line of what went
    wrong. facts: what it found, by the keys of KEPT. text, hours: what a person noted.
    """

    time: str
    command: str
    outcome: Outcome
    seconds: float
    platform: str
    target: str
    pilothouse: str
    error: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    hours: float = 0
    schema: int = SCHEMA


def path_of(project: Project, stack: str) -> Path:
    """The file of a stack's records."""
    return project.folder / FOLDER / f"{stack}.jsonl"


@contextmanager
def recording(project: Project, plan: Plan[Any], command: str, report: Report) -> Iterator[None]:
    """Append a record of what happens here, whatever that is."""
    began, started = datetime.now(UTC), time.monotonic()
    outcome: Outcome = "succeeded"
    error = ""
    try:
        yield
    except PilothouseError as raised:
        outcome = "refused" if isinstance(raised, Refused | InvalidInput) else "failed"
        error = str(raised).partition("\n")[0]
        raise
    except BaseException as raised:
        outcome = "interrupted" if isinstance(raised, KeyboardInterrupt) else "failed"
        error = type(raised).__name__
        raise
    finally:
        found = report.found
        record = Record(
            time=began.isoformat(timespec="seconds"),
            command=command,
            outcome=outcome,
            seconds=round(time.monotonic() - started, 1),
            platform=plan.platform.name,
            target=plan.target,
            pilothouse=version("pilothouse"),
            error=error,
            facts={key: found[key] for key in KEPT if key in found},
        )
        try:
            append(project, plan.stack, record)
        except OSError as problem:
            report.warnings([f"no record was written: {problem}"])


def note(project: Project, plan: Plan[Any], text: str, hours: float) -> Record:
    """Append what a person notes, and the hours that it took."""
    record = Record(
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        command="note",
        outcome="succeeded",
        seconds=0,
        platform=plan.platform.name,
        target=plan.target,
        pilothouse=version("pilothouse"),
        text=text,
        hours=hours,
    )
    append(project, plan.stack, record)
    return record


def append(project: Project, stack: str, record: Record) -> None:
    """Write one line at the end of the file, at once; OSError where that cannot be done."""
    path = path_of(project, stack)
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(asdict(record), sort_keys=True, default=vars) + "\n"
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, line.encode())
    finally:
        os.close(handle)


def read(project: Project, stack: str) -> list[Record]:
    """The records of a stack, the oldest first; none where there is no file.

    Raises InvalidInput with each line that is no record.
    """
    path = path_of(project, stack)
    if not path.exists():
        return []
    records, problems = list[Record](), list[Problem]()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            records.append(_parse(line))
        except (ValueError, TypeError) as error:
            problems.append(
                Problem(
                    file=str(path),
                    line=number,
                    key="",
                    found=f"a line that is no record: {error}",
                    remedy="delete the line, or update pilothouse if a newer one wrote it",
                )
            )
    if problems:
        raise InvalidInput(problems)
    return records


def _parse(line: str) -> Record:
    document = json.loads(line)
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise ValueError(f"its schema is not {SCHEMA}")
    return Record(**document)
