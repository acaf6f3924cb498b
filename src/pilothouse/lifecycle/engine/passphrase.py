"""The passphrase that encrypts the secrets in a state: its file, and what to do without it."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from pilothouse.errors import Refused

VARIABLE = "PULUMI_CONFIG_PASSPHRASE"
FILE_VARIABLE = "PULUMI_CONFIG_PASSPHRASE_FILE"

_SIGNS = ("incorrect passphrase", f"unable to read {FILE_VARIABLE}", "passphrase must be set")
"""What the engine says where the passphrase is missing or is that of another state."""
_SIGN_OF_SALT = "for new stack: incorrect passphrase"


class SecretsLocked(Refused):
    """The secrets in a state cannot be decrypted: the passphrase is missing or another one."""


def is_locked(message: str) -> bool:
    """Whether the engine failed because of the passphrase."""
    return any(sign in message for sign in _SIGNS)


def is_of_salt(message: str) -> bool:
    """Whether it is a new stack, and its file has the salt of another passphrase."""
    return _SIGN_OF_SALT in message


def is_chosen() -> bool:
    """Whether the caller's environment names a passphrase."""
    return any(name in os.environ for name in (VARIABLE, FILE_VARIABLE))


def locked(stacks: Sequence[str], variables: Mapping[str, str]) -> SecretsLocked:
    """The error that names the passphrase, what is wrong with it, and the remedies.

    `stacks` have a state that was encrypted with it; `variables` are added to the caller's.
    """
    deletions = " and ".join(f"`pilothouse down {stack}`" for stack in stacks)
    return SecretsLocked(
        f"the secrets of {' and '.join(stacks)} cannot be decrypted: {_found(variables)}; "
        f"restore the passphrase from a copy, or set {VARIABLE} or {FILE_VARIABLE}. "
        f"If it is lost, {deletions} deletes the platform without it"
    )


def locked_by_salt(file: Path) -> SecretsLocked:
    """The error of a new stack whose `file` was used with another passphrase before."""
    return SecretsLocked(
        f"{file} has the encryptionsalt of another passphrase than this project's: "
        f"delete that line, or set {VARIABLE} or {FILE_VARIABLE}"
    )


def missing(variables: Mapping[str, str]) -> Path | None:
    """The project's own file, where `variables` name one that does not exist."""
    name = variables.get(FILE_VARIABLE)
    return Path(name) if name and not Path(name).exists() else None


def generate(path: Path) -> None:
    """Write a new passphrase, as a whole and only where there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, whole = tempfile.mkstemp(prefix="passphrase-", dir=path.parent)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(32))
    with suppress(FileExistsError):
        os.link(whole, path)
    Path(whole).unlink()


def _found(variables: Mapping[str, str]) -> str:
    if VARIABLE in os.environ:
        return f"{VARIABLE} is set to another passphrase"
    file = os.environ.get(FILE_VARIABLE) or variables.get(FILE_VARIABLE, "")
    if Path(file).is_file():
        return f"the passphrase in {file} is another one"
    return f"the passphrase file {file} does not exist"
