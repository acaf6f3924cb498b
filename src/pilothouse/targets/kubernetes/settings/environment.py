"""Environment variables that a stack file may add to pods: no secrets, none of the target's."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator

from pilothouse.config.validation import refusal
from pilothouse.errors import shown
from pilothouse.targets.kubernetes.settings.replaced_variables import refuse_replaced

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SECRET_NAME = re.compile(
    r"(^AIRFLOW_CONN_\w+|SQL_ALCHEMY_CONN(_ASYNC)?"
    r"|PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?"
    r"|(API|ACCESS|PRIVATE|SECRET|FERNET|ENCRYPTION)_?KEY)$",
    re.IGNORECASE,
)
_LOGIN_IN_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^/@\s]*:[^/@\s]+@", re.IGNORECASE)

_FILE = Path(__file__).parents[1] / "assets" / "reserved_variables.txt"
RESERVED = frozenset(_FILE.read_text(encoding="utf-8").split())
"""The variables that the target sets itself, in any of its pods."""


def _check_plain(variables: object) -> object:
    """Runs before the types are checked, so that no message shows the value of a secret."""
    for name, value in variables.items() if isinstance(variables, Mapping) else ():
        _check_variable(str(name), str(value))
    return variables


def _check_variable(name: str, value: str) -> None:
    if not _NAME.fullmatch(name):
        remedy = "write letters, digits and underscores, no digit first"
        raise refusal(key=name, found=shown(name), remedy=remedy)
    refuse_replaced(name)
    if name in RESERVED:
        remedy = "remove it: the target sets this variable itself"
        raise refusal(key=name, found="a variable of the target's own", remedy=remedy)
    if _SECRET_NAME.search(name) or _LOGIN_IN_URL.search(value):
        remedy = "put it into a Secret, and name that under envFrom of the component"
        raise refusal(key=name, found="what looks like a secret", remedy=remedy)


Environment = Annotated[dict[str, str], BeforeValidator(_check_plain)]
"""Variables by name, without secrets."""
