"""A team's package that is ready for delivery: its wheel, and its locked dependencies."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pilothouse.config.platform_spec import Platform
from pilothouse.config.workload import Workload
from pilothouse.files import write_atomically
from pilothouse.packages import lock, source, wheel

DIGEST_LENGTH = 12


@dataclass(frozen=True, kw_only=True)
class Package:
    """What is installed for the steps.

    digest: of the content, the dependencies and the Python version; equal packages have one.
    python: a minor version. requirements: the file with the locked dependencies, with hashes.
    wheel: the package itself; None where `requirements` have it.
    """

    name: str
    digest: str
    python: str
    requirements: Path
    wheel: Path | None


def of_source(source: Path, lock_file: Path, python: str, folder: Path) -> Package:
    """A package of ours from its source and its lock, in a folder of its own below `folder`.

    Raises PilothouseError where the build fails.
    """
    locked = lock_file.read_text(encoding="utf-8")
    with TemporaryDirectory(dir=folder) as made:
        built = wheel.build(source, python, Path(made))
        parts = [python, locked, wheel.digest(built)]
        digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:DIGEST_LENGTH]
        kept = folder / digest
        write_atomically(kept / "requirements.txt", locked)
        return Package(
            name=built.name.partition("-")[0].replace("_", "-"),
            digest=digest,
            python=python,
            requirements=kept / "requirements.txt",
            wheel=built.replace(kept / built.name),
        )


def prepare(project: Path, platform: Platform, workload: Workload, folder: Path) -> Package:
    """Build and lock the package of the workload into a folder of its own below `folder`.

    Raises InvalidInput where the package or its lock cannot be used, PilothouseError where the
    build fails. The same content is the same folder.
    """
    found = source.find(project, platform, workload)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder) as made:
        built = wheel.build(found.path, workload.python, Path(made)) if found.path else None
        wanted = wheel.requirements(built) if built else [found.requirement]
        locked = (
            lock.read(project / Path(workload.lock).expanduser(), platform, found.requirement)
            if workload.lock
            else lock.resolve(project, platform, workload, wanted)
        )
        parts = [workload.python, locked, wheel.digest(built) if built else ""]
        digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:DIGEST_LENGTH]
        kept = folder / digest
        write_atomically(kept / "requirements.txt", locked)
        return Package(
            name=found.name,
            digest=digest,
            python=workload.python,
            requirements=kept / "requirements.txt",
            wheel=built.replace(kept / built.name) if built else None,
        )
