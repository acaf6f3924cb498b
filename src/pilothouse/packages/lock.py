"""The locked dependencies of the team's package and of its DAGs: requirements with hashes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence, Set
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
EXTENDED_PYTHON = "3.11"
"""The oldest Python for which `extend` resolves, as for the locks of the platform's services."""
_PLAIN = ("--no-header", "--no-annotate")


def read(path: Path, platform: Platform, requirement: str) -> str:
    """The requirements that the lock at `path` has, `requirement` among them if it is not empty.

    Raises InvalidInput where it cannot be read, has no hashes, or lacks the requirement.
    """
    if not path.is_file():
        raise _refused(platform, f"no file {path}", f"write it, or remove `lock` ({_DEFAULT})")
    if path.name != UV_LOCK:
        text = path.read_text(encoding="utf-8", errors="replace")
        if "--hash=" not in text and _entries(text):
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
    mark = _mark("the package requires", requirements, workload.python)
    options = ("--no-build", "--python-version", workload.python)
    try:
        return _resolved(project / LOCK_FILE, mark, requirements, options)
    except uv.UvFailed as error:
        problem = platform.problem(
            "workload.package",
            found=f"requirements that no wheels satisfy on Python {workload.python}: {error}",
            remedy="change them, or `workload.python`; a package without wheels needs one that "
            "you build",
        )
        raise InvalidInput([problem]) from error


def extend(path: Path, requirements: Sequence[str], base: Path) -> None:
    """Have `path` lock `requirements` together with all that the lock `base` has.

    No version of `base` changes; what `path` has stays where that is possible. Raises UvFailed
    where there is no solution.
    """
    wanted = [*pins(base.read_text(encoding="utf-8")), *requirements]
    mark = _extension_mark(requirements, base)
    _resolved(path, mark, wanted, ("--python-version", EXTENDED_PYTHON))


def is_extended(path: Path, requirements: Sequence[str], base: Path) -> bool:
    """Whether `path` is what `extend` writes."""
    if not path.is_file():
        return False
    return path.read_text(encoding="utf-8").startswith(_extension_mark(requirements, base))


def added(path: Path, base: Path) -> str:
    """The entries of the lock at `path` for packages that the lock `base` has not."""
    known = names(base.read_text(encoding="utf-8"))
    return without(path.read_text(encoding="utf-8"), known)


def without(text: str, known: Set[str]) -> str:
    """The entries of a lock, with their hashes, but for the packages that are `known`."""
    wanted, lines = False, []
    for line in text.splitlines():
        if not line.startswith(" "):
            wanted = _is_requirement(line) and not names(line) <= known
        if wanted:
            lines.append(line)
    return "".join(f"{line}\n" for line in lines)


def pins(text: str) -> Sequence[str]:
    """The requirements of a lock, without their hashes."""
    return [line.removesuffix("\\").strip() for line in _entries(text)]


def _resolved(path: Path, mark: str, requirements: Sequence[str], options: Sequence[str]) -> str:
    """The lock at `path`, resolved by uv and written where it does not begin with `mark`."""
    known = path.read_text(encoding="utf-8") if path.is_file() else ""
    if known.startswith(mark):
        return known
    with TemporaryDirectory() as folder:
        made = Path(folder, path.name)
        made.write_text(known, encoding="utf-8")  # uv keeps the versions that this has
        common = ("--universal", "--generate-hashes", "--quiet", *_PLAIN)
        uv.run(
            *("pip", "compile", "-", *common, *options, "-o", str(made)),
            stdin="\n".join(requirements),
        )
        text = mark + made.read_text(encoding="utf-8")
    try:
        files.write_atomically(path, text)
    except OSError as error:
        raise PilothouseError(
            f"{path} cannot be written: {error.strerror}; make the folder writable, or commit the "
            "lock that another machine wrote"
        ) from error
    return text


def _mark(what: str, requirements: Sequence[str], context: str) -> str:
    return f"# Written by pilothouse, of what {what}: {_digest(requirements, context)}\n"


def _extension_mark(requirements: Sequence[str], base: Path) -> str:
    return _mark("DAGs require", requirements, base.read_text(encoding="utf-8"))


def names(text: str) -> set[str]:
    """The names of the packages that the requirements lock."""
    return {canonicalize_name(re.split(r"[\[=; ]", line, maxsplit=1)[0]) for line in _entries(text)}


_DEFAULT = f"then the dependencies are resolved and written to {LOCK_FILE}"


def _digest(requirements: Sequence[str], context: str) -> str:
    return hashlib.sha256("\n".join([context, *requirements]).encode()).hexdigest()[:16]


def _has(text: str, requirement: str) -> bool:
    """Whether a line locks the package at a version that is asked for."""
    wanted = Requirement(requirement)
    for line in _entries(text):
        name, _, version = line.partition("==")
        if canonicalize_name(name.strip()) == canonicalize_name(wanted.name):
            return wanted.specifier.contains(version.split()[0] if version else "")
    return False


def _entries(text: str) -> Sequence[str]:
    """The lines that lock a package, without their hashes."""
    return [line for line in text.splitlines() if _is_requirement(line)]


def _is_requirement(line: str) -> bool:
    return bool(line.strip()) and not line.startswith(("#", " ", "-"))


def _refused(platform: Platform, found: str, remedy: str) -> InvalidInput:
    return InvalidInput([platform.problem("workload.lock", found=found, remedy=remedy)])
