"""Inputs held against the SDK's own types."""

from __future__ import annotations

import importlib
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any

from testkit.fake_providers.core import inputs
from testkit.fake_providers.core.inputs import Problem
from testkit.fake_providers.kubernetes.tokens import Kind


@cache
def resource_class(kind: Kind) -> type | None:
    """The SDK's class of a kind; None for what the SDK does not know, such as a custom one."""
    try:
        return typing.cast("type", getattr(importlib.import_module(kind.sdk_module), kind.name))
    except ModuleNotFoundError:
        return None


def problems(kind: Kind, properties: Mapping[str, Any]) -> list[Problem]:
    """Everything in which a resource's inputs are not what its class takes."""
    arguments = _arguments(kind)
    return [] if arguments is None else inputs.problems(arguments, properties)


@cache
def _arguments(kind: Kind) -> type | None:
    """A resource's own arguments; on a clash of names the generator calls them `InitArgs`."""
    if resource_class(kind) is None:
        return None
    module = importlib.import_module(kind.sdk_module)
    found = getattr(module, f"{kind.name}InitArgs", None) or getattr(module, f"{kind.name}Args")
    return typing.cast("type", found)
