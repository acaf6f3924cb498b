"""Which image a role runs: the stack file's, else the one of images.yaml; by its locked digest."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from pilothouse.config.image_lock_file import pinned

if TYPE_CHECKING:
    from pilothouse.plan import Plan

FILE = Path(__file__).parents[1] / "assets" / "images.yaml"


@cache
def published() -> Mapping[str, str]:
    """The image of each role, by its reference, where the stack file names none."""
    return dict(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def wanted(plan: Plan) -> dict[str, str]:
    """The image of each role that something runs, as the stack file and images.yaml name it."""
    named, unused = {**published(), **plan.settings.images}, plan.settings.unused()
    return {role: image for role, image in named.items() if role not in unused}


def chosen(plan: Plan) -> dict[str, str]:
    """The same, each with its digest where it was locked."""
    locked = plan.locked_images
    return {role: pinned(image, locked.get(role, "")) for role, image in wanted(plan).items()}


def without_digest(images: Mapping[str, str]) -> list[str]:
    """The references that name no digest: what runs may change behind the tag."""
    return sorted({reference for reference in images.values() if "@sha256:" not in reference})
