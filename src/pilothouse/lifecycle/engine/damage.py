"""A state that the engine cannot read or does not trust: how that is known, and what to do."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pilothouse.errors import Refused

_SIGNS = (
    re.compile(
        r"failed to load checkpoint: (?P<why>.*(?:end of JSON input|unexpected EOF|"
        r"invalid character|cannot unmarshal|gzip: invalid|flate: corrupt).*)"
    ),
    re.compile(
        r"(?:secrets manager|deserialize deployment): "
        r"(?P<why>resource (?:'.*' )?missing required '\w+' field)"
    ),
    re.compile(r"An assertion has failed: (?P<why>Urn is: .*)"),
)
"""What the engine says of a state that is no JSON, or has resources that are none."""
_CONTRADICTION = re.compile(r"snapshot integrity failure; refusing to use it: (?P<why>.*)")
"""What it says where resources do not fit together, which its own command can repair."""


@dataclass(frozen=True)
class Damage:
    """Why a state cannot be used, and whether the engine's own command can repair it."""

    reason: str
    repairable: bool = False


class StateDamaged(Refused):
    """The engine cannot work on a stack's state; `found` says which one, and what is wrong."""

    def __init__(self, found: str, remedies: Sequence[str]) -> None:
        super().__init__("\n".join([found, "what to do, one of:", *(f"  {r}" for r in remedies)]))
        self.found = found


def damage_in(message: str) -> Damage | None:
    """What the engine says of a damaged state; None where it failed for another reason."""
    if found := _CONTRADICTION.search(message):
        return Damage(found["why"].strip(), repairable=True)
    matches = (sign.search(message) for sign in _SIGNS)
    return next((Damage(found["why"].strip()) for found in matches if found), None)


def damaged(
    stack: str, damage: Damage, place: str, file: Path | None, copies: Sequence[Path]
) -> StateDamaged:
    """The error of a damaged state, with what can be done.

    place: where the state is. file: itself, where it is a file. copies: earlier states, newest
    first.
    """
    remedies = []
    if damage.repairable:
        variables = f'eval "$(pilothouse env {stack})"'
        remedies.append(f"repair it: `{variables} && pulumi state repair --stack {stack}`")
    if file and copies:
        remedies.append(
            f"restore it as it was at {_time_of(copies[0])}: `{_copy(copies[0], file)}`; what was "
            f"made later, `pilothouse up {stack}` adopts or removes"
        )
    without = "" if remedies else ", and `up` starts anew then; no whole copy of it was found"
    remedies.append(
        f"delete the platform by its names, labels and tags, without its state: `pilothouse down "
        f"{stack}`{without}"
    )
    return StateDamaged(f"the state of {stack} is damaged ({place}): {damage.reason}", remedies)


def _copy(source: Path, target: Path) -> str:
    return f"cp {shlex.quote(str(source))} {shlex.quote(str(target))}"


def _time_of(file: Path) -> str:
    return f"{datetime.fromtimestamp(file.stat().st_mtime, UTC):%Y-%m-%d %H:%M:%S} UTC"
