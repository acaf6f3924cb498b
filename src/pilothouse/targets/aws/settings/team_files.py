"""The files of a project that MWAA gets: requirements, constraints, a startup script, plugins."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from pilothouse.config import airflow_requirements
from pilothouse.config.text_file import displayed, read_text
from pilothouse.errors import InvalidInput, Problem, shown
from pilothouse.targets.aws.settings import requirements, steps
from pilothouse.targets.aws.settings.requirements import Requirements

if TYPE_CHECKING:
    from pilothouse.targets.aws.settings.target import AwsPlan

_FIRST_MOMENT = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the archive, so that equal folders give equal archives."""

_LEFT_OUT = re.compile(r"(^|/)(\.(?!airflowignore$)[^/]*|__pycache__)(/|$)|\.pyc$")


@dataclass(frozen=True, kw_only=True)
class TeamFiles:
    """What a team gives to its MWAA environment; None for what it does not.

    plugins: the bytes of a ZIP archive.
    """

    requirements: Requirements | None = None
    constraints: Requirements | None = None
    startup_script: str | None = None
    plugins: bytes | None = None


def read(plan: AwsPlan) -> TeamFiles:
    """Read the files that the settings name.

    Raises InvalidInput where one cannot be read, or where MWAA or pip would refuse it, and where
    a step of the team's workload cannot be run.
    """
    steps.check(plan)
    wanted = plan.settings.orchestration
    needs, held = (
        requirements.read(displayed(path), read_text(path)) if path else None
        for path in (_requirements_path(plan), _path(plan, wanted.constraints))
    )
    if needs:
        versions = {"airflow": wanted.version, "python": wanted.python}
        if problems := list(requirements.find_contradictions(needs, held, **versions)):
            raise InvalidInput(problems)
    script, plugins = _path(plan, wanted.startup_script), _path(plan, wanted.plugins)
    return TeamFiles(
        requirements=needs,
        constraints=held,
        startup_script=_read_script(script) if script else None,
        plugins=_read_plugins(plugins) if plugins else None,
    )


def _requirements_path(plan: AwsPlan) -> Path | None:
    """The stack's own file, else the platform's."""
    own = _path(plan, plan.settings.orchestration.requirements)
    return own or airflow_requirements.find(plan.project, plan.platform)


def _path(plan: AwsPlan, named: str | None) -> Path | None:
    return plan.project / named if named else None


def _read_script(path: Path) -> str:
    text = read_text(path)
    if not text.strip():
        raise _refusal(path, "an empty file", "write the commands, or remove the setting")
    if "\r" in text:
        line = text.count("\n", 0, text.index("\r")) + 1
        raise _refusal(path, "Windows' ends of lines", "save it with LF: bash reads it", line)
    return text


def _read_plugins(path: Path) -> bytes:
    if path.is_dir():
        return _archive(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _refusal(path, reason, "name a folder or a ZIP archive that exists") from error
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise _refusal(path, "a file that is no ZIP archive", "name a folder or a ZIP archive")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
                remedy = "make the archive in the folder of the plugins: `zip -r ../plugins.zip .`"
                raise _refusal(path, f"{shown(name)} in the archive", remedy)
    return content


def _archive(folder: Path) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in _files_in(folder):
            info = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _FIRST_MOMENT)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(info, path.read_bytes())
        if not archive.namelist():
            remedy = "put the plugins there, or remove the setting"
            raise _refusal(folder, "a folder without files", remedy)
    return made.getvalue()


def _files_in(folder: Path) -> Iterator[Path]:
    """Its files in their order, without hidden ones and Python's caches."""
    for path in sorted(folder.rglob("*")):
        if _LEFT_OUT.search(path.relative_to(folder).as_posix()):
            continue
        if path.is_symlink():
            raise _refusal(path, f"a symlink to {path.readlink()}", "put the file itself there")
        if path.is_file():
            yield path


def _refusal(path: Path, found: str, remedy: str, line: int | None = None) -> InvalidInput:
    problem = Problem(file=displayed(path), line=line, key="", found=found, remedy=remedy)
    return InvalidInput([problem])
