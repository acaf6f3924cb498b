"""What a new project is made from, with defaults where nothing is said."""

from __future__ import annotations

import getpass
import re
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from pilothouse import targets
from pilothouse.config import platform_spec
from pilothouse.config.yaml_reader import Document
from pilothouse.errors import InvalidInput, Problem, one_of, shown
from pilothouse.naming import plain

DEFAULT_NAME = "pilot"
DEFAULT_TARGET = "local"
DURATION = timedelta(days=90)
MONTHLY_BUDGET = 500


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Valid answers; each of `targets` becomes a stack of that name."""

    name: str
    owner: str
    expires: date
    targets: tuple[str, ...]


def check_name(name: str, *, today: date) -> str:
    """`name`; raises InvalidInput unless it can be a platform's."""
    _check({"name": name}, today)
    return name


def check_owner(owner: str, *, today: date) -> str:
    """`owner`; raises InvalidInput unless it can be a platform's."""
    _check({"owner": owner}, today)
    return owner


def known_targets() -> list[str]:
    """The targets that can be chosen."""
    return sorted(targets.registered())


def check_targets(names: Sequence[str]) -> tuple[str, ...]:
    """`names`, each once; raises InvalidInput for those that are not registered."""
    known = known_targets()
    problems = [
        Problem(file="", key="target", found=shown(name), remedy=one_of(name, known))
        for name in names
        if name not in known
    ]
    if problems:
        raise InvalidInput(problems)
    return tuple(dict.fromkeys(names))


def expiry(today: date) -> date:
    """The last day of a pilot that begins `today`."""
    return today + DURATION


def default_name(folder: Path) -> str:
    """The folder's name as a platform's."""
    return re.sub("^[^a-z]+", "", plain(folder.resolve().name))[:30].rstrip("-") or DEFAULT_NAME


def default_owner(folder: Path, *, today: date) -> str:
    """Git's address of the user where it is valid, else the name of this machine's user."""
    above = next(path for path in (folder.resolve(), *folder.resolve().parents) if path.is_dir())
    with suppress(OSError, InvalidInput):
        done = subprocess.run(
            ["git", "config", "user.email"], cwd=above, capture_output=True, text=True, check=False
        )
        return check_owner(done.stdout.strip(), today=today)
    with suppress(OSError, KeyError, InvalidInput):
        return check_owner(getpass.getuser(), today=today)
    return "ml-team"


def _check(answer: Mapping[str, str], today: date) -> None:
    valid = {"name": DEFAULT_NAME, "owner": "ml-team"}
    pilot = {"expires": expiry(today), "monthlyBudget": MONTHLY_BUDGET}
    data = {**valid, "pilot": pilot, **answer}
    platform_spec.parse_data(data, Document(file="", data=data, lines={}), today=today)
