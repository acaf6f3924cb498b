"""The folders that the platform's image is made of, each with what it adds to those below.

One is made again when what it is made from has changed, or what lies below it.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from testkit.cluster import digests
from testkit.cluster.binaries import find
from testkit.cluster.settings import (
    PACKAGE,
    REPOSITORY,
    SOURCE_OF_WORKLOAD,
    SYSTEM_FOLDERS,
    ClusterError,
    Places,
)
from testkit.cluster.steps import run, step

LOCK = PACKAGE / "locks" / "platform.txt"
RELEASE = "bookworm"
_PACKAGES = "ca-certificates,postgresql,python3"
_ACCOUNTS = {
    "passwd": "app:x:10001:10001::/tmp:/bin/bash\nairflow:x:50000:0::/home/airflow:/bin/bash\n",
    "group": "app:x:10001:\n",
}
_NEEDLESS = (
    *("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/locale"),
    *("etc/postgresql/15", "var/lib/postgresql/15"),
)
# Of the machine's settings, those that lead to its package index.
_INDEX = ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "SSL_CERT_FILE", "HTTPS_PROXY")
_CACHE, _LOCK, _WORKLOAD, _UV = (f"/tmp/{name}" for name in ("cache", "lock", "workload", "uv"))


@dataclass(frozen=True)
class Recipe:
    """How to make one layer: `make` fills a folder, given the layers below it."""

    name: str
    inputs: str
    make: Callable[[Path, Sequence[Path]], None]


def build(places: Places) -> list[Path]:
    """The platform's layers, from the lowest to the uppermost; made where they are not there."""
    made: list[Path] = []
    for recipe, folder in zip(_recipes(), folders(places), strict=True):
        if not folder.exists():
            with step(f"build the image's layer {recipe.name}"):
                _build(recipe, folder, made)
            _forget_others(folder, recipe.name)
        made.append(folder)
    return made


def digest() -> str:
    """What the uppermost layer, and so the whole of them, is made from."""
    return [key for _, key in _keys()][-1]


def folders(places: Places) -> list[Path]:
    """Where each layer belongs, from the lowest to the uppermost."""
    return [places.layers / f"{recipe.name}-{key}" for recipe, key in _keys()]


def _keys() -> Iterator[tuple[Recipe, str]]:
    key = ""
    for recipe in _recipes():
        key = digests.of_parts(key, recipe.name, recipe.inputs)
        yield recipe, key


def _recipes() -> tuple[Recipe, ...]:
    workload = digests.of_files(SOURCE_OF_WORKLOAD, ["*.py", "pyproject.toml"])
    debian = digests.of_parts(RELEASE, _PACKAGES, *_ACCOUNTS.values(), *_NEEDLESS)
    return (
        Recipe("debian", debian, _debian),
        Recipe("python", digests.of_parts(LOCK.read_bytes()), _python),
        Recipe("workload", workload, _workload),
    )


def _build(recipe: Recipe, folder: Path, below: Sequence[Path]) -> None:
    unfinished = folder.with_name(f"{recipe.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    recipe.make(unfinished, below)
    unfinished.rename(folder)


def _forget_others(folder: Path, name: str) -> None:
    for other in folder.parent.glob(f"{name}-*"):
        if other != folder:
            shutil.rmtree(other)


def _debian(folder: Path, below: Sequence[Path]) -> None:
    run(
        *("unshare", "--mount", "--propagation", "private"),
        *("debootstrap", "--variant=minbase", f"--include={_PACKAGES}"),
        RELEASE,
        folder,
        *mirror(),
    )
    for name, lines in _ACCOUNTS.items():
        with (folder / "etc" / name).open("a") as file:
            file.write(lines)
    airflow = folder / "home" / "airflow"
    airflow.mkdir()
    os.chown(airflow, 50000, 0)
    for name in _NEEDLESS:
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in ("hostname", "resolv.conf"):
        (folder / "etc" / name).write_text("")


def mirror(folder: Path = Path("/etc/apt")) -> list[str]:
    """The Debian mirror of this machine, if it has one."""
    files = [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]
    lines = [line for file in files if file.is_file() for line in file.read_text().splitlines()]
    words = [word for line in lines if line.startswith(("deb ", "URIs:")) for word in line.split()]
    return [word for word in words if word.startswith("http") and word.endswith("/debian")][:1]


def _python(folder: Path, below: Sequence[Path]) -> None:
    _above(folder, below, "uv", "venv", "--quiet", "--python", "/usr/bin/python3", "/opt/venv")
    _above(folder, below, *_INSTALL, "--require-hashes", "--only-binary", ":all:", "-r", _LOCK)


def _workload(folder: Path, below: Sequence[Path]) -> None:
    _above(folder, below, *_INSTALL, "--no-deps", "--no-build-isolation", _WORKLOAD)


_INSTALL: tuple[str, ...] = (
    *("uv", "pip", "install", "--quiet", "--python", "/opt/venv/bin/python"),
    *("--link-mode", "copy", "--compile-bytecode"),
)


def _above(folder: Path, below: Sequence[Path], *command: str) -> None:
    """Run a command in the layers below, so that what it writes comes into `folder`."""
    uv = find("uv")
    if uv is None:
        raise ClusterError("uv is not on PATH: run `make setup`")
    cache = run(uv, "cache", "dir").strip()
    Path(cache).mkdir(parents=True, exist_ok=True)
    binds = {uv: f"{_UV}/uv", cache: _CACHE, LOCK: _LOCK, SOURCE_OF_WORKLOAD: _WORKLOAD}
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        run(
            *("unshare", "--mount", "--propagation", "private"),
            *(sys.executable, "-m", "testkit.cluster.overlay", folder, scratch),
            *(f"--below={path}" for path in reversed(below)),
            *(f"--bind={source}={target}" for source, target in binds.items()),
            *("--", *command),
            folder=REPOSITORY,
            variables=_variables(),
        )


def _variables() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in _INDEX}
    return {
        **kept,
        "PATH": f"{_UV}:{SYSTEM_FOLDERS}",
        "HOME": "/tmp",
        "UV_CACHE_DIR": _CACHE,
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_NO_PROGRESS": "1",
    }
