"""`.venv`: what pilothouse and the Pulumi program import, with compiled bytecode."""

import pathlib

from steps import stamps, uv, venvs, versions
from steps.places import Places
from steps.running import Command, Step, run

OLDEST_PYTHON = (3, 11)


def provide(places: Places, *, tests: bool) -> None:
    """Create `.venv` and install its locks."""
    _sync(places, "pilothouse", places.root / "pyproject.toml")
    if tests:
        _sync(places, "test")


def _sync(places: Places, name: str, *more: pathlib.Path) -> None:
    """Install one lock, unless its stamp is current; the stamp is a file of the environment."""
    wanted = stamps.digest([places.lock(name), *more], str(places.root))
    stamp = places.venv / f".{name}.stamp"
    if stamps.is_current(stamp, wanted) and (places.venv / "bin/python").exists():
        return
    _install(places, name)
    stamps.write(stamp, wanted)


def _install(places: Places, name: str) -> None:
    tool = uv.provide(places)
    log = places.toolchain / "logs" / f"{name}.log"
    if not _is_usable(places):
        make: Command = [tool, "venv", "--clear", "--python", venvs.base_python(), places.venv]
        run(Step("environment .venv", make, log))
    install: Command = [tool, "pip", "install", "--python", places.venv / "bin/python"]
    # Without bytecode each program start takes twice as long, and a machine may forbid writing it
    # later (PYTHONDONTWRITEBYTECODE).
    locked = [*install, "--require-hashes", "--compile-bytecode", "-r", places.lock(name)]
    run(Step(f"install locks/{name}.txt", locked, log, remedy=venvs.UNREACHED))
    if name == "pilothouse":
        own = [*install, "--no-deps", "--no-build-isolation", "-e", places.root]
        run(Step("install pilothouse itself", own, log))


def _is_usable(places: Places) -> bool:
    found = versions.of_command(str(places.venv / "bin/python"), "--version")
    return versions.at_least(found, OLDEST_PYTHON)
