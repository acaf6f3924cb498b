"""The file of the project with the packages that the team's DAGs import: which, and its lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement

from pilothouse.config.text_file import displayed, read_text
from pilothouse.errors import InvalidInput, Problem, shown

if TYPE_CHECKING:
    from pilothouse.config.platform_spec import Platform

KEY = "orchestration.requirements"


def find(project: Path, platform: Platform) -> Path | None:
    """The file that the platform names; None where it names none."""
    named = platform.orchestration.requirements
    return project / Path(named).expanduser() if named else None


def check(project: Path, platform: Platform) -> None:
    """Raise InvalidInput where the file that the platform names is none."""
    file = find(project, platform)
    if file and not file.is_file():
        found, remedy = f"no file {displayed(file)}", "write the file, or remove the line"
        raise InvalidInput([platform.problem(KEY, found=found, remedy=remedy)])


def read(path: Path) -> Sequence[str]:
    """The requirements of the file, without comments; InvalidInput with each line that is none."""
    lines = list(_lines(read_text(path)))
    problems = [
        Problem(file=displayed(path), line=number, key="", found=shown(line), remedy=remedy)
        for number, line in lines
        if (remedy := _remedy(line))
    ]
    if problems:
        raise InvalidInput(problems)
    return [line for _, line in lines]


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if requirement := f" {line}".partition(" #")[0].strip():
            yield number, requirement


def _remedy(line: str) -> str:
    """What to write instead of a line; empty where it is a requirement."""
    if line.startswith("-"):
        return "remove it: an option is no requirement; uv takes the index from UV_INDEX_URL"
    try:
        Requirement(line)
    except InvalidRequirement:
        return "write a requirement such as apache-airflow-providers-http>=5"
    return ""
