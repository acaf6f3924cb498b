"""The working folder and the environment variables of a service or a job."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pilothouse.targets.local.processes import operating_system, process_table


def working_folder(home: Path, name: str) -> Path:
    """The working folder of a service or a job."""
    return home / "services" / name


def environment_file(folder: Path) -> Path:
    """The private file with the variables of the service in `folder`, as JSON."""
    return folder / "environment.json"


def base_variables(folder: Path) -> dict[str, str]:
    """The variables of every process; its home and its temporary files are in `folder`."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "TMPDIR": str(folder / "tmp"),
        process_table.FOLDER_VARIABLE: str(folder),
        **operating_system.FORK_VARIABLES,
    }


def variables(folder: Path, props: Mapping[str, Any]) -> dict[str, str]:
    """All variables of a service or a job: the base, and those of `props`, secrets included."""
    programs = Path(props["command"][0]).parent
    path = {"PATH": f"{programs}{os.pathsep}{os.defpath}"}
    return {**base_variables(folder), **path, **props["environment"], **props["secrets"]}
