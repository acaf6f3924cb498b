"""Secrets that can be recognised wherever they end up."""

from collections.abc import Mapping
from typing import Any

MARK = "a-recognisable-secret"
"""Every secret that a mocked provider makes has it in its value."""


def generate(name: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the provider of `pilothouse:Secrets` answers, on every target that has one."""
    values = {key: f"{MARK}-{name}-{key}" for key in inputs["kinds"]}
    return {"drift": "", "revision": "1", "values": values}
