"""Secrets that pilothouse generates once."""

import base64
import json
import os
import secrets
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Literal

SecretKind = Literal["password", "access-key", "fernet"]

ROTATE_VARIABLE = "PILOTHOUSE_ROTATE"
"""Names what a run of the program generates anew, as `rotation` writes it."""

_GENERATORS: Mapping[SecretKind, Callable[[], str]] = {
    "password": lambda: secrets.token_urlsafe(32),
    "access-key": lambda: secrets.token_hex(10).upper(),
    "fernet": lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
}


def generate_missing(
    kinds: Mapping[str, SecretKind], existing: Mapping[str, str], *, anew: Container[str] = ()
) -> dict[str, str]:
    """A secret for each name of `kinds`: the existing one, or a new one of its kind.

    Those in `anew` are new in any case.
    """
    kept = {name: value for name, value in existing.items() if value and name not in anew}
    return {name: kept.get(name) or _GENERATORS[kind]() for name, kind in kinds.items()}


def rotation(names: Iterable[str]) -> dict[str, str]:
    """The environment of a run of the program that generates the secrets `names` anew, once."""
    return {ROTATE_VARIABLE: json.dumps({name: secrets.token_hex(8) for name in names})}


def asked_rotations(kinds: Mapping[str, SecretKind]) -> dict[str, str]:
    """What this run of the program generates anew of `kinds`, each with a mark of this time."""
    asked: dict[str, str] = json.loads(os.environ.get(ROTATE_VARIABLE, "{}"))
    return {name: mark for name, mark in asked.items() if name in kinds}
