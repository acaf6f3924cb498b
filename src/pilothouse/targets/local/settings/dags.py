"""The folder of the team's DAGs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, ValidationInfo

from pilothouse.config.section import Section
from pilothouse.config.validation import refusal


def resolve(project: Path, path: str) -> Path:
    """The path that a setting names: in the project, unless it is absolute or in `~`."""
    return project / Path(path).expanduser()


def _check_folder(path: str, info: ValidationInfo) -> str:
    """Raise a refusal if the folder does not exist; only where it is about to be used."""
    project = (info.context or {}).get("project")
    if project and not resolve(project, path).is_dir():
        remedy = "make the folder, or name another one; relative paths start in the project"
        raise refusal(found=f"no folder {resolve(project, path)}", remedy=remedy)
    return path


class DagSettings(Section):
    """Where the team's DAGs are, beside the workload's own."""

    instead: ClassVar[Mapping[str, str]] = {
        "gitSync": "clone the repository, and name the folder of the clone as folder"
    }
    folder: Annotated[str, AfterValidator(_check_folder)] | None = Field(
        default=None,
        min_length=1,
        description="The folder of the team's DAGs, such as `dags` in the project, which stays as "
        "it is. By default `dags` in the stack's folder, which `down` deletes and "
        "`down --keep-data` keeps.",
    )
