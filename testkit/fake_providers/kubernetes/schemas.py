"""Objects held against Kubernetes' own schemas, where `kubernetes-validate` is installed.

It is optional: without it `AVAILABLE` is False, and only the SDK's types are checked.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from functools import cache
from typing import Any

AVAILABLE = importlib.util.find_spec("kubernetes_validate") is not None


def problems(definition: Mapping[str, Any], version: str = "") -> list[tuple[str, str]]:
    """What the schema of a version, else the newest, says; nothing about kinds that it lacks."""
    if not AVAILABLE:
        return []
    utils = _library()
    try:
        utils.validate(dict(definition), version or utils.latest_version(), strict=True)
    except utils.SchemaNotFoundError:
        return []
    except utils.ValidationError as error:
        return [(".".join(str(step) for step in error.path), str(error.message))]
    return []


@cache
def _library() -> Any:
    """The library; it would read its megabytes again for each object."""
    utils: Any = importlib.import_module("kubernetes_validate.utils")
    utils.schema_contents = cache(utils.schema_contents)
    return utils
