"""A package with all that it requires as one archive, for steps that run elsewhere."""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from pilothouse.packages import lock, uv
from pilothouse.packages.package import Package

PLATFORM, MACHINE = "x86_64-manylinux_2_28", "x86_64"
"""What the steps' containers are: Linux with glibc 2.28 or newer, on x86-64."""
FOLDER = "packages"
"""The part of the store's data with the archives, by digest, and `current.json`."""


def key_of(package: Package) -> str:
    """The name of the package's archive in the store."""
    return f"{FOLDER}/{package.digest}.tar.gz"


def make(package: Package, additions: str = "") -> Path:
    """The archive: `site-packages` with `bin`, and `package.json`; made where there is none yet.

    `additions` are requirements with hashes that the target adds, without what they require.
    Raises UvFailed where a dependency has no wheel for `PLATFORM`.
    """
    added = f"-{hashlib.sha256(additions.encode()).hexdigest()[:8]}" if additions else ""
    archive = package.requirements.parent / f"{MACHINE}{added}.tar.gz"
    if archive.is_file():
        return archive
    with TemporaryDirectory(dir=archive.parent) as made:
        folder = Path(made, "site-packages")
        options = ("--target", str(folder), "--python-platform", PLATFORM, "--no-build", "--quiet")
        install = ("pip", "install", "--python-version", package.python, *options)
        uv.run(*install, "--require-hashes", "-r", str(package.requirements))
        if package.wheel:
            uv.run(*install, "--no-deps", str(package.wheel))
        if additions:
            uv.run(*install, "--no-deps", "--require-hashes", "-r", "-", stdin=additions)
        about = {"name": package.name, "python": package.python, "machine": MACHINE}
        Path(made, "package.json").write_text(json.dumps(about), encoding="utf-8")
        unfinished = Path(made, archive.name)
        with tarfile.open(unfinished, "w:gz", compresslevel=1) as tar:
            tar.add(folder, "site-packages")
            tar.add(Path(made, "package.json"), "package.json")
        return unfinished.replace(archive)


def add(requirements: Sequence[str], python: str, installed: Sequence[str]) -> str:
    """What must be added to an environment for `requirements`, as requirements with hashes.

    `installed` are the pins of what the environment has, of which nothing changes. Raises UvFailed
    where they do not go together.
    """
    with TemporaryDirectory() as made:
        constraints = Path(made, "constraints.txt")
        constraints.write_text("\n".join(installed), encoding="utf-8")
        options = ("--generate-hashes", "--no-header", "--no-annotate", "--quiet")
        platform = ("--python-version", python, "--python-platform", PLATFORM)
        command = ("pip", "compile", "-", *options, *platform, "-c", str(constraints))
        whole = uv.run(*command, stdin="\n".join(requirements))
    return lock.without(whole, lock.names("\n".join(installed)))


def make_addition(requirements: str, python: str, archive: Path) -> None:
    """Write the archive with what locked `requirements` are, and nothing that these require.

    The packages are at its top. Raises UvFailed where one has no wheel for `PLATFORM`.
    """
    with TemporaryDirectory(dir=archive.parent) as made:
        options = ("--target", made, "--python-platform", PLATFORM, "--no-build", "--quiet")
        install = ("pip", "install", "--python-version", python, *options, "--no-deps")
        uv.run(*install, "--require-hashes", "-r", "-", stdin=requirements)
        with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
            for entry in sorted(Path(made).iterdir()):
                tar.add(entry, entry.name)


def programs(archive: Path) -> list[str]:
    """The names of the programs in it."""
    with tarfile.open(archive) as tar:
        prefix = "site-packages/bin/"
        names = (name for name in tar.getnames() if name.startswith(prefix))
        return sorted(name.removeprefix(prefix) for name in names)
