"""Which image a role runs: the stack file's, else the one of images.yaml."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).parent / "images.yaml"


@cache
def published() -> Mapping[str, str]:
    """The image of each role, by its reference, where the stack file names none."""
    return dict(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def chosen(overrides: Mapping[str, str]) -> dict[str, str]:
    """The image of each role, with what the stack file names."""
    return {**published(), **overrides}


def without_digest(images: Mapping[str, str]) -> list[str]:
    """The references that name no digest: what runs may change behind the tag."""
    return sorted({reference for reference in images.values() if "@sha256:" not in reference})
