"""What `workload.package` names: a folder, a wheel, or a requirement."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from pilothouse.config.platform_spec import Platform
from pilothouse.config.workload import Workload
from pilothouse.errors import InvalidInput, shown
from pilothouse.packages.wheel import SUFFIX

MANIFEST = "pyproject.toml"
_REMEDY = (
    f"name a folder with a {MANIFEST}, a wheel (relative to the project), or a requirement such as "
    "churn==0.3.0"
)


@dataclass(frozen=True)
class Source:
    """Where the package comes from: the folder or the wheel at `path`, or `requirement`."""

    name: str
    path: Path | None = None
    requirement: str = ""


def find(project: Path, platform: Platform, workload: Workload) -> Source:
    """The source that the workload names; paths begin in the project.

    Raises InvalidInput where there is none, or where it refuses the workload's Python.
    """
    path = project / Path(workload.package).expanduser()
    try:
        if path.is_dir():
            return _folder(path, workload)
        if path.suffix == SUFFIX and "://" not in workload.package:
            return _wheel(path)
        return _requirement(workload.package)
    except _Unusable as error:
        problem = platform.problem(f"workload.{error.key}", found=error.found, remedy=error.remedy)
        raise InvalidInput([problem]) from None


class _Unusable(Exception):
    def __init__(self, found: str, remedy: str = _REMEDY, key: str = "package") -> None:
        self.found, self.remedy, self.key = found, remedy, key


def _folder(path: Path, workload: Workload) -> Source:
    manifest = path / MANIFEST
    if not manifest.is_file():
        raise _Unusable(f"{path}, a folder without a {MANIFEST}")
    try:
        project = tomllib.loads(manifest.read_text(encoding="utf-8")).get("project", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _Unusable(f"{manifest}, which is no TOML: {error}", "correct it") from None
    name = project.get("name")
    if not isinstance(name, str) or not name:
        raise _Unusable(f"{manifest} without a project.name", "add `name` in its table [project]")
    _check_python(project.get("requires-python"), workload.python, manifest)
    return Source(canonicalize_name(name), path=path)


def _check_python(wanted: object, version: str, manifest: Path) -> None:
    try:
        specifiers = SpecifierSet(str(wanted or ""))
    except InvalidSpecifier:
        return  # the build says what is wrong
    # The newest patch release: `>=3.11.4` is satisfied by one of 3.11.
    if not specifiers.contains(f"{version}.999"):
        found = f"{version}, but {manifest} requires {specifiers}"
        raise _Unusable(found, "set a version that it accepts", "python")


def _wheel(path: Path) -> Source:
    if not path.is_file():
        raise _Unusable(f"no file {path}")
    try:
        name, *_ = parse_wheel_filename(path.name)
    except InvalidWheelFilename:
        raise _Unusable(f"{path.name}, which is no name of a wheel") from None
    return Source(name, path=path)


def _requirement(text: str) -> Source:
    try:
        parsed = Requirement(text)
    except InvalidRequirement:
        raise _Unusable(f"{shown(text)}, which is no folder and no requirement") from None
    if parsed.url or not any(each.operator in ("==", "===") for each in parsed.specifier):
        raise _Unusable(
            f"{shown(text)}, which names no version", f"pin it, such as {parsed.name}==1.2.3"
        )
    return Source(canonicalize_name(parsed.name), requirement=text)
