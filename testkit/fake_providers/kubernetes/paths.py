"""Pulumi's property paths, as `ignoreChanges` has them."""

from __future__ import annotations

import re

_STEP = re.compile(r'\.?(?P<name>[^.\[\]"]+)|\[(?P<place>\d+)\]|\["(?P<quoted>(?:[^"\\]|\\.)*)"\]')


def parsed(path: str) -> tuple[str | int, ...]:
    """The steps of a path such as `spec.ports[0]` or `metadata.labels["a.b/c"]`."""
    return tuple(_step(found) for found in _STEP.finditer(path))


def _step(found: re.Match[str]) -> str | int:
    if found["place"] is not None:
        return int(found["place"])
    return found["name"] or found["quoted"].replace('\\"', '"')
