"""The installed pilothouse itself: the recipe of the tool chain that it has, and its own wheel."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, PackagePath, distribution
from pathlib import Path

import pilothouse
from pilothouse.errors import PilothouseError
from pilothouse.files import write_atomically

_PACKAGE = Path(pilothouse.__file__).parent
_PACKED = _PACKAGE / "recipe"
_METADATA = ("METADATA", "WHEEL", "entry_points.txt", "licenses")
_OLDEST = (1980, 1, 1, 0, 0, 0)  # a zip's first day: equal files give equal wheels


def recipe() -> Path:
    """The folder with `toolchain` and `locks`: in the package, or of the checkout that it is in."""
    return _PACKED if is_packed() else _PACKAGE.parents[1]


def is_packed() -> bool:
    """Whether this is the package of a wheel, not a checkout's."""
    return _PACKED.is_dir()


def make_wheel(folder: Path) -> Path:
    """Write the wheel from which this pilothouse was installed; its path in `folder`.

    So a project's environment gets exactly this pilothouse, wherever that came from. Raises
    PilothouseError where the installation does not list its files.
    """
    installed = distribution("pilothouse")
    files = list(_files(installed))
    if not files:
        raise PilothouseError(
            f"the installation of pilothouse in {_PACKAGE} has no list of its files (RECORD); "
            "install it with pip, pipx or uv"
        )
    content, names = io.BytesIO(), [str(file) for file in files]
    record_name = f"{_info_folder(installed)}/RECORD"
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, file in zip(names, files, strict=True):
            wheel.writestr(_member(name), Path(str(file.locate())).read_bytes())
        wheel.writestr(_member(record_name), _record(files, record_name))
    path = folder / f"pilothouse-{installed.version}-py3-none-any.whl"
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(path, content.getvalue())
    return path


def _info_folder(installed: Distribution) -> str:
    return f"pilothouse-{installed.version}.dist-info"


def _files(installed: Distribution) -> Iterator[PackagePath]:
    """What the wheel had: neither what an installer adds nor compiled bytecode."""
    info = _info_folder(installed)
    for file in installed.files or ():
        top, second, *_ = (*file.parts, "")
        wanted = top == "pilothouse" or (top == info and second in _METADATA)
        if wanted and file.hash:
            yield file


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _OLDEST)
    member.external_attr = 0o644 << 16
    member.compress_type = zipfile.ZIP_DEFLATED
    return member


def _record(files: list[PackagePath], own_name: str) -> str:
    """The wheel's list of files, with the hashes of the installation's."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    for file in files:
        rows.writerow([file, f"{file.hash.mode}={file.hash.value}" if file.hash else "", file.size])
    rows.writerow([own_name, "", ""])
    return text.getvalue()
