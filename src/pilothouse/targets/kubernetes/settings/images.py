"""Container images by their role: the default ones of images.yaml, and the stack file's own."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import AfterValidator, Field, StringConstraints

from pilothouse.config.section import rule
from pilothouse.config.validation import refusal
from pilothouse.errors import one_of, shown

IMAGES_FILE = Path(__file__).parents[1] / "assets" / "images.yaml"

_DIGEST = "@sha256:[0-9a-f]{64}"
_REFERENCE = rf"^[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._/-]+)?(:[\w.-]+({_DIGEST})?|{_DIGEST})$"


@cache
def default_images() -> Mapping[str, str]:
    """The default image of every role, by its reference."""
    return dict(yaml.safe_load(IMAGES_FILE.read_text(encoding="utf-8")))


def all_roles() -> list[str]:
    """Every role; the workload has no image of its own unless a stack file names one."""
    return [*default_images(), "workload"]


def _check_roles(images: dict[str, str]) -> dict[str, str]:
    roles = all_roles()
    for role in images:
        if role not in roles:
            raise refusal(key=role, found=shown(role), remedy=one_of(role, roles))
    return images


Reference = Annotated[
    str,
    StringConstraints(pattern=_REFERENCE, max_length=500),
    Field(json_schema_extra=rule("an image with its tag, its digest or both, in lower case")),
]
Images = Annotated[dict[str, Reference], AfterValidator(_check_roles)]
"""Images by their role."""
