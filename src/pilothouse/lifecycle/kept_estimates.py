"""Estimates that were made before on the same day, so that many stacks are compared in seconds.

An estimate takes a dry run of the program. What it depends on is in the name of its file: the plan,
the day, and this version of pilothouse with its prices. No secret is in one.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

import pilothouse
from pilothouse.cost.estimate import Estimate
from pilothouse.files import write_atomically
from pilothouse.lifecycle import costs
from pilothouse.plan import Plan

if TYPE_CHECKING:
    from pilothouse.targets.dry_run import Recording

FOLDER = "estimates"
LIFETIME = 2 * 24 * 3600  # seconds; an estimate is of its day


def estimate(
    folder: Path, plan: Plan[Any], today: date, graph: Callable[[], Recording] | None = None
) -> Estimate | None:
    """What `costs.estimate_priced` gives, kept below `folder`, the project's for what may go.

    Nothing is kept where the folder cannot be written to.
    """
    file = folder / FOLDER / f"{_digest(plan, today)}.json"
    with suppress(OSError, ValidationError):
        return _adapter().validate_json(file.read_bytes())
    made = costs.estimate_priced(plan, today, graph)
    if made:
        with suppress(OSError):
            _remove_old(file.parent)
            write_atomically(file, _adapter().dump_json(made).decode())
    return made


def _digest(plan: Plan[Any], today: date) -> str:
    parts = (
        *(plan.target, plan.stack, repr(sorted(plan.locked_images.items()))),
        *(plan.platform.model_dump_json(), plan.settings.model_dump_json()),
        *(today.isoformat(), _code()),
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


@cache
def _code() -> str:
    """This version; in a checkout of the sources also when they were changed."""
    files = [path.stat() for path in _sources(Path(pilothouse.__file__).parent)]
    return f"{version('pilothouse')} {len(files)} {max(each.st_mtime_ns for each in files)}"


def _sources(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.suffix in {".py", ".csv", ".yaml"})


@cache
def _adapter() -> TypeAdapter[Estimate]:
    return TypeAdapter(Estimate)


def _remove_old(folder: Path) -> None:
    oldest = time.time() - LIFETIME
    for path in folder.glob("*.json"):
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
