"""The path of a file of the project, as a stack file names it."""

from pathlib import PurePosixPath
from typing import Annotated

from pydantic import AfterValidator

from pilothouse.config.validation import refusal
from pilothouse.errors import shown


def _check_path(text: str) -> str:
    path = PurePosixPath(text)
    if not text.strip() or path.is_absolute() or ".." in path.parts or text.startswith("~"):
        remedy = "write a path below the project's folder, such as airflow/requirements.txt"
        raise refusal(found=shown(text), remedy=remedy)
    return text


ProjectPath = Annotated[str, AfterValidator(_check_path)]
"""A path below the project's folder, with slashes."""
