"""Secrets that pilothouse generates once."""

import base64
import secrets
from collections.abc import Callable, Mapping
from typing import Literal

SecretKind = Literal["password", "access-key", "fernet"]

_GENERATORS: Mapping[SecretKind, Callable[[], str]] = {
    "password": lambda: secrets.token_urlsafe(32),
    "access-key": lambda: secrets.token_hex(10).upper(),
    "fernet": lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
}


def generate_missing(
    kinds: Mapping[str, SecretKind], existing: Mapping[str, str]
) -> dict[str, str]:
    """A secret for each name of `kinds`: the existing one, or a new one of its kind."""
    return {name: existing.get(name) or _GENERATORS[kind]() for name, kind in kinds.items()}
