"""Container paths that a stack file may use: none that the target uses itself."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from pilothouse.config.section import rule
from pilothouse.config.validation import refusal
from pilothouse.errors import shown

_FOLDERS = (
    *("authorities", "config", "dags", "data", "database-ca", "dev/shm", "dumps", "files"),
    *("git", "packages", "passwords", "pgbouncer", "scripts", "secrets", "statsd", "tmp", "users"),
)
RESERVED_PATHS = tuple(f"/{folder}" for folder in _FOLDERS)
"""The mount paths of the target's own volumes."""

_PATH = r"^(/[A-Za-z0-9_][-A-Za-z0-9_.]*)+$"


def _check_free(path: str) -> str:
    if any(
        path == used or path.startswith(f"{used}/") for used in (*RESERVED_PATHS, "/etc/passwd")
    ):
        remedy = f"choose a path outside of {', '.join(RESERVED_PATHS)}, which the target uses"
        raise refusal(found=shown(path), remedy=remedy)
    return path


FreePath = Annotated[
    str,
    StringConstraints(pattern=_PATH),
    AfterValidator(_check_free),
    Field(json_schema_extra=rule("an absolute path such as /certificates")),
]
