"""`.venv`: what pilothouse and the Pulumi program import, with compiled bytecode."""

import collections.abc
import pathlib

from steps import stamps, uv, venvs, versions
from steps.places import Places
from steps.running import Command, Step, run

OLDEST_PYTHON = (3, 11)


def provide(
    places: Places, wheel: pathlib.Path | None, locks: collections.abc.Iterable[str]
) -> None:
    """Create `.venv`, and install pilothouse with its lock and then more locks.

    Pilothouse is `wheel`, or the checkout itself, which then can be edited.
    """
    own: Command
    if wheel:
        own = ["--no-index", "--reinstall-package", "pilothouse", "--compile-bytecode", wheel]
        _sync(places, "pilothouse", own, wheel)
    else:
        own = ["--no-build-isolation", "-e", places.recipe]
        _sync(places, "pilothouse", own, places.recipe / "pyproject.toml")
    for name in locks:
        _sync(places, name)


def _sync(places: Places, name: str, own: Command = (), *more: pathlib.Path) -> None:
    """Install one lock, and then `own`, unless its stamp, a file of the environment, is current."""
    wanted = stamps.digest([places.lock(name), *more], str(places.root))
    stamp = places.venv / f".{name}.stamp"
    if stamps.is_current(stamp, wanted) and (places.venv / "bin/python").exists():
        return
    _install(places, name, own)
    stamps.write(stamp, wanted)


def _install(places: Places, name: str, own: Command) -> None:
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
    if own:
        run(Step("install pilothouse itself", [*install, "--no-deps", *own], log))


def _is_usable(places: Places) -> bool:
    found = versions.of_command(str(places.venv / "bin/python"), "--version")
    return versions.at_least(found, OLDEST_PYTHON)
