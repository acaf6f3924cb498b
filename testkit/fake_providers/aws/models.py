"""Requests held against botocore's own models, also in what botocore does not check itself.

boto3 checks types, what is required and the least length; not enumerations, patterns, and the
greatest length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from botocore import xform_name
from botocore.validate import ParamValidator

from testkit.fake_providers.core.inputs import Problem
from testkit.fake_providers.core.values import UNKNOWN, has_unknown


@cache
def _operations(model: Any) -> Mapping[str, str]:
    return {xform_name(name): name for name in model.operation_names}


def problems(model: Any, operation: str, request: Mapping[str, Any]) -> list[Problem]:
    """Everything in which a request is not what its operation takes; the unknown is left out."""
    shape = model.operation_model(_operations(model)[operation]).input_shape
    found = list(_of(shape, request, ""))
    if not found and not has_unknown(request):
        report = ParamValidator().validate(dict(request), shape).generate_report()
        found = [("", line) for line in report.splitlines()]
    return found


def _of(shape: Any, value: Any, path: str) -> Iterator[Problem]:
    if value == UNKNOWN:
        return
    if shape.type_name == "structure" and isinstance(value, Mapping):
        yield from _of_members(shape, value, path)
    elif shape.type_name == "list" and isinstance(value, list):
        for number, item in enumerate(value):
            yield from _of(shape.member, item, f"{path}[{number}]")
    elif shape.type_name == "string" and isinstance(value, str):
        yield from _of_text(shape, value, path)
    elif shape.type_name in {"integer", "long", "float", "double"}:
        yield from _of_number(shape, value, path)


def _of_members(shape: Any, value: Mapping[str, Any], path: str) -> Iterator[Problem]:
    for name, item in value.items():
        if name not in shape.members:
            yield path, f"has no member {name}"
        else:
            yield from _of(shape.members[name], item, f"{path}.{name}" if path else name)


def _of_text(shape: Any, value: str, path: str) -> Iterator[Problem]:
    said, allowed = shape.metadata, getattr(shape, "enum", None)
    if allowed and value not in allowed:
        yield path, f"is {value!r}; {shape.name} is one of {', '.join(allowed)}"
    elif UNKNOWN in value:
        return
    elif len(value) > said.get("max", len(value)) or len(value) < said.get("min", 0):
        least, most = said.get("min", 0), said.get("max", "any")
        yield path, f"has {len(value)} characters; {shape.name} has {least} to {most}"
    elif not _fits(said.get("pattern"), value):
        yield path, f"is {value!r}; {shape.name} must match {said['pattern']}"


def _of_number(shape: Any, value: Any, path: str) -> Iterator[Problem]:
    said = shape.metadata
    if isinstance(value, (int, float)) and not said.get("min", value) <= value <= said.get(
        "max", value
    ):
        yield path, f"is {value}; {shape.name} is {said.get('min')} to {said.get('max')}"


def _fits(pattern: str | None, value: str) -> bool:
    if not pattern:
        return True
    try:
        return re.fullmatch(_python(pattern), value, re.DOTALL) is not None
    except re.error:
        return True


def _python(pattern: str) -> str:
    """Java's character classes as Python has them."""
    classes = {"\\p{L}": "\\w", "\\p{Z}": "\\s", "\\p{N}": "\\d", "\\p{Alnum}": "a-zA-Z0-9",
               "\\p{Graph}": "\\x21-\\x7e", "\\p{M}": "", "\\p{S}": "", "\\p{P}": ""}  # fmt: skip
    for theirs, ours in classes.items():
        pattern = pattern.replace(theirs, ours)
    return pattern
