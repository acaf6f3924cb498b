"""What the cloud's provider would answer."""

from collections.abc import Mapping
from typing import Any

from tests.targets.suite.recorder import Outputs

SETTINGS: Mapping[str, Any] = {}
"""What a stack file must say."""


def _as_given(name: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    return {}


MOCKED: Mapping[str, Outputs] = {"pulumi-python:dynamic/toy:Thing": _as_given}
