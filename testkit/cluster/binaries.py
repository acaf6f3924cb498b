"""The programs that are built from pinned Go modules: only those whose source has changed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from testkit.cluster import digests
from testkit.cluster.settings import KUBERNETES, PACKAGE, REPOSITORY, Places
from testkit.cluster.steps import run, step, wide_path

PROGRAMS = ("kube", "pause", "coredns", "addons")
SOURCES = PACKAGE / "go"
_VERSION = "k8s.io/component-base/version.git"
_FLAGS = {
    "kube": f" -X {_VERSION}Version=v{KUBERNETES}"
    f" -X {_VERSION}Major={KUBERNETES.split('.')[0]} -X {_VERSION}Minor={KUBERNETES.split('.')[1]}"
}


def build(places: Places) -> None:
    """Leave every program in `places.binaries`."""
    places.binaries.mkdir(parents=True, exist_ok=True)
    for name in PROGRAMS:
        stamp = places.binaries / f"{name}.stamp"
        if not digests.is_current(stamp, digest(name)):
            with step(f"build {name}"):
                _compile(name, places.binaries / name)
            stamp.write_text(digest(name))


def digest(name: str) -> str:
    """What a program is built from."""
    return digests.of_parts(
        digests.of_files(SOURCES / name, ["*.go", "go.mod", "go.sum"]), _flags(name)
    )


def find(program: str) -> str | None:
    """A tool on PATH, or the one that `make setup` brought."""
    brought = REPOSITORY / ".toolchain" / program / "bin"
    return shutil.which(program, path=f"{wide_path()}:{brought}")


def _flags(name: str) -> str:
    return f"-s -w{_FLAGS.get(name, '')}"


def _compile(name: str, into: Path) -> None:
    unfinished = into.with_name(f"{name}.new")
    # GOFLAGS is set, not emptied: an empty one would let the user's `go env -w` speak.
    own = {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOWORK": "off", "GOTOOLCHAIN": "local"}
    run(
        *(find("go") or "go", "build", "-trimpath", "-buildvcs=false"),
        *("-ldflags", _flags(name), "-o", unfinished, "."),
        folder=SOURCES / name,
        variables={**os.environ, **own},
    )
    unfinished.replace(into)
