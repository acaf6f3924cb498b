"""Paths of containers that a stack file may name: none of those that the target uses itself."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from pilothouse.config.section import rule
from pilothouse.config.validation import refusal
from pilothouse.errors import shown

_FOLDERS = (
    *("config", "dags", "data", "dumps", "files", "git", "passwords"),
    *("pgbouncer", "scripts", "secrets", "statsd", "tmp", "users"),
)
OWN_PATHS = tuple(f"/{folder}" for folder in _FOLDERS)
"""Where the target's own volumes are."""

_PATH = r"^(/[A-Za-z0-9_][-A-Za-z0-9_.]*)+$"


def _is_free(path: str) -> str:
    if any(path == own or path.startswith(f"{own}/") for own in (*OWN_PATHS, "/etc/passwd")):
        remedy = f"choose a path outside of {', '.join(OWN_PATHS)}, which the target uses"
        raise refusal(found=shown(path), remedy=remedy)
    return path


FreePath = Annotated[
    str,
    StringConstraints(pattern=_PATH),
    AfterValidator(_is_free),
    Field(json_schema_extra=rule("an absolute path such as /certificates")),
]
