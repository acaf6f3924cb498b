"""The folder of the project with the team's DAGs: which it is, and what may be wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pilothouse.config.text_file import displayed
from pilothouse.errors import InvalidInput

if TYPE_CHECKING:
    from pilothouse.config.platform_spec import Platform

DEFAULT = "dags"
KEY = "orchestration.dags"
_REMEDY = "name a folder of the project with DAGs alone, such as dags"


def find(project: Path, platform: Platform, *, default: bool = True) -> Path | None:
    """The folder that the platform names, or the project's `dags` where that is a folder.

    None where there is none, and without a `default` where the platform names none.
    """
    if platform.engine("orchestration") != "airflow":
        return None
    if named := platform.orchestration.dags:
        return project / Path(named).expanduser()
    folder = project / DEFAULT
    return folder if default and folder.is_dir() else None


def check(project: Path, platform: Platform) -> None:
    """Raise InvalidInput where the platform's folder is none, or not one inside the project."""
    folder = find(project, platform)
    if folder is None:
        return
    if fault := _fault(project.resolve(), folder):
        found, remedy = fault
        raise InvalidInput([platform.problem(KEY, found=found, remedy=remedy)])


def _fault(project: Path, folder: Path) -> tuple[str, str] | None:
    place = folder.resolve()
    if place == project or project.is_relative_to(place):
        return f"{displayed(folder)}, which has the whole project in it", _REMEDY
    if not place.is_relative_to(project):
        return f"{displayed(folder)}, which leads outside of the project to {place}", _REMEDY
    if not folder.exists():
        return f"no folder {displayed(folder)}", "make the folder, or remove the line"
    if not folder.is_dir():
        return f"{displayed(folder)}, which is no folder", _REMEDY
    return None
