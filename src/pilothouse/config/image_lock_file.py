"""`stacks/images.<stack>.lock.yaml`: the digest that each image of a stack is locked to.

`pilothouse lock` writes it, by role: `mlflow: ghcr.io/mlflow/mlflow:v3@sha256:…`. An entry is valid
as long as the stack names the reference before the `@`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field, StringConstraints

from pilothouse.config import validation, yaml_reader
from pilothouse.config.section import Section, rule
from pilothouse.files import write_atomically

Pinned = Annotated[
    str,
    StringConstraints(pattern=r"^[^@\s]+@sha256:[0-9a-f]{64}$", max_length=500),
    Field(json_schema_extra=rule("an image with its digest, as `pilothouse lock` does")),
]


class _Lock(Section):
    images: dict[str, Pinned] = Field(description="An image with its digest for each role.")


def path_of(stacks_dir: Path, stack: str) -> Path:
    """The path of the lock file of `stack`."""
    return stacks_dir / f"images.{stack}.lock.yaml"


def read(stacks_dir: Path, stack: str) -> Mapping[str, str]:
    """The locked image of each role; empty where nothing is locked.

    Raises InvalidInput with every problem of the file.
    """
    path = path_of(stacks_dir, stack)
    if not path.exists():
        return {}
    document = yaml_reader.read(path)
    return validation.parse(_Lock, document.data, document=document).images


def write(stacks_dir: Path, stack: str, images: Mapping[str, str]) -> None:
    """Lock these images and no others; the file is replaced atomically."""
    path = path_of(stacks_dir, stack)
    head = f"# Written by `pilothouse lock {stack}`; commit it.\n"
    body = yaml.safe_dump({"images": dict(sorted(images.items()))}, width=10_000)
    write_atomically(path, head + body)


def pinned(reference: str, locked: str) -> str:
    """`reference` with its digest, if `locked` pins that reference; otherwise unchanged."""
    return locked if locked.partition("@")[0] == reference else reference
