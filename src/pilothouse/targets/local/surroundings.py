"""What a service or a job is given: a folder of its own and a whole environment."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pilothouse.targets.local import processes


def folder_of(home: Path, name: str) -> Path:
    """The working folder of a service or a job."""
    return home / "services" / name


def environment(folder: Path, props: Mapping[str, Any]) -> dict[str, str]:
    """Its environment: a few variables that every program needs, and what `props` adds."""
    program = Path(props["command"][0])
    return {
        "PATH": f"{program.parent}{os.pathsep}{os.defpath}",
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "TMPDIR": str(folder / "tmp"),
        processes.FOLDER_VARIABLE: str(folder),
        **props["environment"],
        **props["secrets"],
    }
