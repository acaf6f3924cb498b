"""Which `pulumi-resource-kubernetes` the tests run with, and how a project names it."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
from pathlib import Path

NAME = "pulumi-resource-kubernetes"
DOUBLE = Path(__file__).with_name("bin") / NAME


def executable(path: str | None = None) -> Path:
    """The official plugin if one is on PATH, else the double."""
    found = shutil.which(NAME, path=os.environ.get("PATH") if path is None else path)
    return Path(found) if found else DOUBLE


def is_double(path: str | None = None) -> bool:
    """Whether the tests run with the double."""
    return executable(path).resolve() == DOUBLE.resolve()


def project_plugins(path: str | None = None) -> dict[str, list[dict[str, str]]]:
    """What a test's `Pulumi.yaml` says under `plugins`, so that the engine looks no further."""
    return {
        "providers": [
            {
                "name": "kubernetes",
                "path": str(executable(path).parent),
                "version": importlib.metadata.version("pulumi-kubernetes"),
            }
        ]
    }
