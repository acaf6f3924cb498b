"""Small environments of tools, created by Python's venv and pip from a hashed lock."""

import importlib.util
import os
import pathlib
import shutil
import sys

from steps import stamps
from steps.places import Places, SetupError
from steps.running import Command, Step, run

UNREACHED = "Is the package index reachable? If not, set PIP_INDEX_URL and UV_DEFAULT_INDEX."


def base_python() -> str:
    """The base interpreter, also if this one is in an environment."""
    return os.path.realpath(sys.executable)


def tool_venv(places: Places, name: str, program: str) -> pathlib.Path:
    """The program of a tool that `locks/<name>.txt` pins, installed if need be."""
    folder = places.toolchain / name
    stamp, wanted = folder / "stamp", stamps.digest([places.lock(name)], base_python())
    if not stamps.is_current(stamp, wanted):
        _install(places, name, folder)
        stamps.write(stamp, wanted)
    return folder / "bin" / program


def _install(places: Places, name: str, folder: pathlib.Path) -> None:
    if importlib.util.find_spec("ensurepip") is None:
        raise SetupError(_no_venv())
    shutil.rmtree(folder, ignore_errors=True)
    log = places.toolchain / "logs" / f"{name}.log"
    make: Command = [base_python(), "-m", "venv", folder]
    run(Step(f"environment of {name}", make, log, remedy=_no_venv()))
    install: Command = [
        folder / "bin" / "python", "-m", "pip", "install", "--require-hashes",
        "--only-binary", ":all:", "--no-deps", "-r", places.lock(name),
    ]  # fmt: skip
    run(Step(f"install {name}", install, log, remedy=UNREACHED))


def _no_venv() -> str:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return (
        f"Python {version} at {base_python()} cannot create environments (venv, ensurepip).\n"
        f"On Debian and Ubuntu install the package python{version}-venv; or put uv on PATH."
    )
