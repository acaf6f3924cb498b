"""What a service or a job is given: a folder of its own and a whole environment."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pilothouse.targets.local.processes import process_table


def folder_of(home: Path, name: str) -> Path:
    """The working folder of a service or a job."""
    return home / "services" / name


def basics(folder: Path) -> dict[str, str]:
    """The few variables that every program needs, all within its folder."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "TMPDIR": str(folder / "tmp"),
        process_table.FOLDER_VARIABLE: str(folder),
    }


def environment(folder: Path, props: Mapping[str, Any]) -> dict[str, str]:
    """The whole environment of a service or a job: the basics, and what `props` adds."""
    programs = Path(props["command"][0]).parent
    own = {"PATH": f"{programs}{os.pathsep}{os.defpath}"}
    return {**basics(folder), **own, **props["environment"], **props["secrets"]}
