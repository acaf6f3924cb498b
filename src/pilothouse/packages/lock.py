"""The locked dependencies of the team's package, as requirements with hashes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pilothouse import files
from pilothouse.config.platform_spec import Platform
from pilothouse.config.workload import Workload
from pilothouse.errors import InvalidInput, PilothouseError
from pilothouse.packages import uv

LOCK_FILE = "workload.lock"
UV_LOCK = "uv.lock"
_MARK = "# Written by pilothouse, of what the package requires: "
_PLAIN = ("--no-header", "--no-annotate")


def read(path: Path, platform: Platform, requirement: str) -> str:
    """The requirements that the lock at `path` has, `requirement` among them if it is not empty.

    Raises InvalidInput where it cannot be read, has no hashes, or lacks the requirement.
    """
    if not path.is_file():
        raise _refused(platform, f"no file {path}", f"write it, or remove `lock` ({_DEFAULT})")
    if path.name != UV_LOCK:
        text = path.read_text(encoding="utf-8", errors="replace")
        if "--hash=" not in text and any(_is_requirement(line) for line in text.splitlines()):
            remedy = f"write it with `uv pip compile --generate-hashes`, or remove it ({_DEFAULT})"
            raise _refused(platform, f"{path.name} without hashes", remedy)
        if requirement and not _has(text, requirement):
            raise _refused(platform, f"{path.name} without {requirement}", "add it to the lock")
        return text
    options = ("--frozen", "--no-dev", "--no-emit-project", "--format", "requirements-txt")
    try:
        return uv.run("export", *options, *_PLAIN, "--project", str(path.parent))
    except uv.UvFailed as error:
        remedy = "run `uv lock` there"
        raise _refused(platform, f"{path}, which uv does not read: {error}", remedy) from error


def resolve(
    project: Path, platform: Platform, workload: Workload, requirements: Sequence[str]
) -> str:
    """The requirements that `workload.lock` has, written anew where `requirements` have changed.

    What it has stays as it is where that is possible. Raises InvalidInput where there is no
    solution of wheels.
    """
    path = project / LOCK_FILE
    known = path.read_text(encoding="utf-8") if path.is_file() else ""
    mark = f"{_MARK}{_digest(requirements, workload.python)}\n"
    if known.startswith(mark):
        return known
    with TemporaryDirectory() as folder:
        made = Path(folder, LOCK_FILE)
        made.write_text(known, encoding="utf-8")  # uv keeps the versions that this has
        options = ("--universal", "--generate-hashes", "--no-build", "--quiet", *_PLAIN)
        version = ("--python-version", workload.python)
        try:
            uv.run(
                *("pip", "compile", "-", *options, *version, "-o", str(made)),
                stdin="\n".join(requirements),
            )
        except uv.UvFailed as error:
            problem = platform.problem(
                "workload.package",
                found=f"requirements that no wheels satisfy on Python {workload.python}: {error}",
                remedy="change them, or `workload.python`; a package without wheels needs one that "
                "you build",
            )
            raise InvalidInput([problem]) from error
        text = mark + made.read_text(encoding="utf-8")
    try:
        files.write_atomically(path, text)
    except OSError as error:
        raise PilothouseError(
            f"{path} cannot be written: {error.strerror}; make the folder writable, or name a lock "
            "of your own (`workload.lock`)"
        ) from error
    return text


def names(text: str) -> set[str]:
    """The names of the packages that the requirements lock."""
    return {
        canonicalize_name(re.split(r"[\[=; ]", line, maxsplit=1)[0])
        for line in filter(_is_requirement, text.splitlines())
    }


_DEFAULT = f"then the dependencies are resolved and written to {LOCK_FILE}"


def _digest(requirements: Sequence[str], python: str) -> str:
    return hashlib.sha256("\n".join([python, *requirements]).encode()).hexdigest()[:16]


def _has(text: str, requirement: str) -> bool:
    """Whether a line locks the package at a version that is asked for."""
    wanted = Requirement(requirement)
    for line in filter(_is_requirement, text.splitlines()):
        name, _, version = line.partition("==")
        if canonicalize_name(name.strip()) == canonicalize_name(wanted.name):
            return wanted.specifier.contains(version.split()[0] if version else "")
    return False


def _is_requirement(line: str) -> bool:
    return bool(line.strip()) and not line.startswith(("#", " ", "-"))


def _refused(platform: Platform, found: str, remedy: str) -> InvalidInput:
    return InvalidInput([platform.problem("workload.lock", found=found, remedy=remedy)])
