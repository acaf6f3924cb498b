"""The wheel of the team's package: its build, its content, and what it requires."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections.abc import Sequence
from email.parser import HeaderParser
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement

from pilothouse.errors import PilothouseError
from pilothouse.packages import uv

SUFFIX = ".whl"
_PURE = f"-none-any{SUFFIX}"


def build(source: Path, python: str, folder: Path) -> Path:
    """Put the wheel of the folder `source`, or the wheel that it is, into `folder`.

    A package of Python alone is built by any interpreter, another one by that version. Raises
    PilothouseError with the end of what the build said.
    """
    if source.suffix == SUFFIX:
        return Path(shutil.copy(source, folder))
    try:
        wheel = _build(source, folder)
        if not wheel.name.endswith(_PURE):
            wheel.unlink()
            wheel = _build(source, folder, "--python", python)
    except uv.UvFailed as error:
        raise PilothouseError(
            f"the package in {source} cannot be built for Python {python}:\n{error}"
        ) from error
    return wheel


def _build(source: Path, folder: Path, *options: str) -> Path:
    with TemporaryDirectory(dir=folder) as made:
        uv.run("build", "--wheel", *options, "--out-dir", made, str(source))
        (wheel,) = Path(made).glob(f"*{SUFFIX}")
        return wheel.replace(folder / wheel.name)


def digest(wheel: Path) -> str:
    """The SHA-256 of the names and the contents in a wheel: two builds of one source have one."""
    found = hashlib.sha256()
    with zipfile.ZipFile(wheel) as archive:
        for name in sorted(archive.namelist()):
            found.update(hashlib.sha256(name.encode()).digest())
            found.update(hashlib.sha256(archive.read(name)).digest())
    return found.hexdigest()


def requirements(wheel: Path) -> Sequence[str]:
    """What the wheel requires, without its extras; PilothouseError where it is no wheel."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = archive.namelist()
            (metadata,) = (n for n in names if n.endswith(".dist-info/METADATA"))
            headers = HeaderParser().parsestr(archive.read(metadata).decode())
    except (zipfile.BadZipFile, ValueError) as error:
        raise PilothouseError(f"{wheel.name} is no wheel: build it again") from error
    wanted = [Requirement(text) for text in headers.get_all("Requires-Dist", [])]
    return sorted(str(each) for each in wanted if "extra" not in str(each.marker))
