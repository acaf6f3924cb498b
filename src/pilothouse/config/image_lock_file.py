"""`stacks/images.<stack>.lock.yaml`: which digest each image of a stack had when it was locked.

`pilothouse lock` writes it, by role: `mlflow: ghcr.io/mlflow/mlflow:v3@sha256:…`. An entry counts
as long as the stack still names the reference before the `@`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from pilothouse.config import validation, yaml_reader
from pilothouse.files import write_atomically

Pinned = Annotated[
    str,
    StringConstraints(pattern=r"^[^@\s]+@sha256:[0-9a-f]{64}$", max_length=500),
    Field(
        json_schema_extra={
            "patternErrorMessage": "an image with its digest, as `pilothouse lock` does"
        }
    ),
]


class _Lock(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    images: dict[str, Pinned] = Field(description="An image with its digest for each role.")


def path_of(stacks_dir: Path, stack: str) -> Path:
    """Where the lock file of `stack` is."""
    return stacks_dir / f"images.{stack}.lock.yaml"


def read(stacks_dir: Path, stack: str) -> Mapping[str, str]:
    """The locked image of each role; empty where nothing is locked.

    Raises InvalidInput with everything that is wrong with the file.
    """
    path = path_of(stacks_dir, stack)
    if not path.exists():
        return {}
    document = yaml_reader.read(path)
    return validation.parse(_Lock, document.data, document=document).images


def write(stacks_dir: Path, stack: str, images: Mapping[str, str]) -> None:
    """Lock these images and no others; the file is replaced whole."""
    path = path_of(stacks_dir, stack)
    head = (
        f"# Written by `pilothouse lock {stack}`, to be committed: what was tried is what runs.\n"
    )
    body = yaml.safe_dump({"images": dict(sorted(images.items()))}, width=10_000)
    write_atomically(path, head + body)


def pinned(reference: str, locked: str) -> str:
    """`reference` with its digest, if `locked` is about that very reference; else as it is."""
    return locked if locked.partition("@")[0] == reference else reference
