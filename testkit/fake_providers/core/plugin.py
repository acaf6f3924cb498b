"""Which `pulumi-resource-*` the tests run with, and how a project names it."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
from pathlib import Path

BUILT = Path(__file__).parents[3] / ".toolchain" / "plugins"  # by `make toolchain-kubernetes`


def double(package: str) -> Path:
    """The double of a package such as `kubernetes`."""
    return Path(__file__).parents[1] / "bin" / f"pulumi-resource-{package}"


def executable(package: str, path: str | None = None) -> Path:
    """The official plugin if one is on PATH or among this checkout's tools, else the double."""
    if path is None:
        path = os.pathsep.join([os.environ.get("PATH", os.defpath), str(BUILT)])
    found = shutil.which(double(package).name, path=path)
    return Path(found) if found else double(package)


def is_double(package: str, path: str | None = None) -> bool:
    """Whether the tests run with the double."""
    return executable(package, path).resolve() == double(package).resolve()


def project_plugins(package: str, path: str | None = None) -> dict[str, list[dict[str, str]]]:
    """What a test's `Pulumi.yaml` says under `plugins`, so that the engine looks no further.

    With an empty `path` it names the double.
    """
    return {
        "providers": [
            {
                "name": package,
                "path": str(executable(package, path).parent),
                "version": importlib.metadata.version(f"pulumi-{package}"),
            }
        ]
    }
