"""Secrets that are generated once and that nobody chooses."""

import base64
import secrets
from collections.abc import Callable, Mapping
from typing import Literal

Kind = Literal["password", "access-key", "fernet"]

_MAKERS: Mapping[Kind, Callable[[], str]] = {
    "password": lambda: secrets.token_urlsafe(32),
    "access-key": lambda: secrets.token_hex(10).upper(),
    "fernet": lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
}


def complete(kinds: Mapping[str, Kind], known: Mapping[str, str]) -> dict[str, str]:
    """A value for each name of `kinds`: the known one, or a new one of its kind."""
    return {name: known.get(name) or _MAKERS[kind]() for name, kind in kinds.items()}
