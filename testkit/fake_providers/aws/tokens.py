"""Pulumi's type tokens as the SDK's classes."""

from __future__ import annotations

import importlib
import re
import typing
from functools import cache


@cache
def arguments(token: str) -> type:
    """The SDK's class of a resource's arguments; on a clash of names it is called `InitArgs`."""
    _, module, name = token.split(":")
    folder, _, file = module.partition("/")
    found = importlib.import_module(f"pulumi_aws.{folder}.{snake(file)}")
    taken = getattr(found, f"{name}InitArgs", None) or getattr(found, f"{name}Args")
    return typing.cast("type", taken)


def snake(text: str) -> str:
    """`mlflowApp` as `mlflow_app`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text).lower()
