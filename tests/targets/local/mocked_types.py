"""What the providers of this machine would answer."""

from collections.abc import Mapping
from typing import Any

from tests.targets.suite import secrets
from tests.targets.suite.recorder import Outputs

SETTINGS: Mapping[str, Any] = {}
"""What a stack file must say."""

_TYPES = "pulumi-python:dynamic/pilothouse"


def _nothing(name: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"drift": ""}


def _started(name: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"drift": "", "started": 1.0}


def _revision(name: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"drift": "", "revision": 1.0}


MOCKED: Mapping[str, Outputs] = {
    f"{_TYPES}:Bucket": _nothing,
    f"{_TYPES}:Certificates": _nothing,
    f"{_TYPES}:Environment": _nothing,
    f"{_TYPES}:Home": _nothing,
    f"{_TYPES}:Job": _nothing,
    f"{_TYPES}:MlflowPeople": _nothing,
    f"{_TYPES}:MlflowUser": _nothing,
    f"{_TYPES}:PostgresCluster": _revision,
    f"{_TYPES}:Ready": _nothing,
    f"{_TYPES}:Secrets": secrets.generate,
    f"{_TYPES}:Service": _started,
    f"{_TYPES}:Supervisor": _nothing,
}
