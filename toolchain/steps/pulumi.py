"""The pulumi CLI with its Python language host: found, downloaded or built."""

import os
import pathlib
import shutil

from steps import build, official, stamps, versions
from steps.places import Places
from steps.running import say

LANGUAGE_HOST = "pulumi-language-python"
SKIP_OFFICIAL = "PILOTHOUSE_TOOLCHAIN_OFFICIAL"


def provide(places: Places) -> None:
    """Install pulumi into `.toolchain/bin`, unless PATH has one that is new enough."""
    stamp, wanted = places.toolchain / "pulumi.stamp", _inputs(places)
    if stamps.is_current(stamp, wanted) and _is_complete(places):
        return
    found = on_path(places)
    if found:
        say(f"pulumi: using {found}")
        shutil.rmtree(places.bin, ignore_errors=True)
        return
    _install(places)
    stamps.write(stamp, wanted)


def _is_complete(places: Places) -> bool:
    return all((places.bin / name).exists() for name in official.WANTED)


def on_path(places: Places) -> pathlib.Path | None:
    """A pulumi of the machine that the SDK can work with and that has its Python language host."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    path = os.pathsep.join(folder for folder in folders if folder != str(places.bin))
    found = shutil.which("pulumi", path=path)
    if found is None or not _has_language_host(found, path):
        return None
    oldest = (versions.parse(places.locked("pulumi", "pilothouse")) or ())[:2]
    new_enough = versions.at_least(versions.of_command(found, "version"), oldest)
    return pathlib.Path(found) if new_enough else None


def _has_language_host(pulumi: str, path: str) -> bool:
    beside = pathlib.Path(pulumi).resolve().with_name(LANGUAGE_HOST)
    return beside.exists() or shutil.which(LANGUAGE_HOST, path=path) is not None


def _install(places: Places) -> None:
    """Fill a temporary folder, then move the programs, so that each is complete or missing."""
    shutil.rmtree(places.building, ignore_errors=True)
    places.building.mkdir(parents=True)
    if not _download(places):
        build.build(places, places.building)
    places.bin.mkdir(parents=True, exist_ok=True)
    for program in places.building.iterdir():
        program.chmod(0o755)
        program.replace(places.bin / program.name)
    places.building.rmdir()


def _download(places: Places) -> bool:
    if os.environ.get(SKIP_OFFICIAL) == "never":
        return False
    return official.fetch(places.pulumi_version(), places.building)


def _inputs(places: Places) -> str:
    sources = [places.source / "go.mod", places.source / "go.sum"]
    for folder in ("cmd", "internal"):
        sources += (file for file in (places.source / folder).rglob("*") if file.is_file())
    return stamps.digest(sorted(sources))
