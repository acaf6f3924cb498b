"""Pulumi's type tokens as the SDK's classes of arguments."""

from __future__ import annotations

import importlib
import re
import typing
from functools import cache

from pulumi import _types as sdk_types


@cache
def arguments(token: str) -> type:
    """The class; on a clash of names the generator calls it `InitArgs`."""
    _, module, name = token.split(":")
    folder, _, file = module.partition("/")
    found = importlib.import_module(f"pulumi_aws.{folder}.{snake(file)}")
    return typing.cast(
        "type", getattr(found, f"{name}InitArgs", None) or getattr(found, f"{name}Args")
    )


@cache
def takes(token: str, key: str) -> bool:
    """Whether a resource may be given `key`."""
    return key in sdk_types.input_type_py_to_pulumi_names(arguments(token)).values()


def snake(text: str) -> str:
    """`mlflowApp` as `mlflow_app`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text).lower()
