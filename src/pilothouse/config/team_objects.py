"""The file of the project with Airflow's pools, variables and connections: which it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pilothouse.config.text_file import displayed
from pilothouse.errors import InvalidInput

if TYPE_CHECKING:
    from pilothouse.config.platform_spec import Platform

DEFAULT = "airflow.yaml"
KEY = "orchestration.objects"


def find(project: Path, platform: Platform) -> Path | None:
    """The file that the platform names, or the project's `airflow.yaml` where that is a file."""
    if platform.engine("orchestration") != "airflow":
        return None
    if named := platform.orchestration.objects:
        return project / Path(named).expanduser()
    file = project / DEFAULT
    return file if file.is_file() else None


def check(project: Path, platform: Platform) -> None:
    """Raise InvalidInput where the file that the platform names is none."""
    file = find(project, platform)
    if file and not file.is_file():
        remedy = "write the file, or remove the line"
        found = f"no file {displayed(file)}"
        raise InvalidInput([platform.problem(KEY, found=found, remedy=remedy)])
