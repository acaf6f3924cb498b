"""A request held against botocore's own model of the service, which botocore does only in part."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import botocore.session
from botocore.model import Shape
from botocore.validate import ParamValidator


@cache
def input_of(service: str, operation: str) -> Shape:
    """The shape of an operation's input."""
    model = botocore.session.get_session().get_service_model(service)
    return model.operation_model(operation).input_shape  # type: ignore[return-value]


def problems(service: str, operation: str, request: Mapping[str, Any]) -> list[str]:
    """All that is wrong with a request: names, types, what is missing, enums, patterns, lengths."""
    shape = input_of(service, operation)
    report = ParamValidator().validate(request, shape).generate_report()
    return [*filter(None, [report]), *_wrong(request, shape, operation)]


def _wrong(value: Any, shape: Any, where: str) -> Iterator[str]:
    yield from _KINDS.get(shape.type_name, _anything)(value, shape, where)


def _anything(_value: Any, _shape: Any, _where: str) -> Iterator[str]:
    yield from ()


def _structure(value: Mapping[str, Any], shape: Any, where: str) -> Iterator[str]:
    for name in value.keys() & shape.members.keys():
        yield from _wrong(value[name], shape.members[name], f"{where}.{name}")


def _list(value: Sequence[Any], shape: Any, where: str) -> Iterator[str]:
    yield from _length(len(value), shape, where)
    for part in value:
        yield from _wrong(part, shape.member, where)


def _map(value: Mapping[str, Any], shape: Any, where: str) -> Iterator[str]:
    yield from _length(len(value), shape, where)
    for key, part in value.items():
        yield from _wrong(key, shape.key, where)
        yield from _wrong(part, shape.value, f"{where}.{key}")


def _text(value: str, shape: Any, where: str) -> Iterator[str]:
    yield from _length(len(value), shape, where)
    known, pattern = shape.metadata.get("enum", []), shape.metadata.get("pattern", ".*")
    if known and value not in known:
        yield f"{where}: {value} is none of {known[:3]}…"
    # Python's re has no classes of Unicode, which only tags use.
    if "\\p{" not in pattern and not re.fullmatch(pattern, value):
        yield f"{where}: {value} is not {pattern}"


def _length(found: int, shape: Any, where: str) -> Iterator[str]:
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max", found)
    if not least <= found <= most:
        yield f"{where}: {found} is not from {least} to {most}"


_KINDS: Mapping[str, Callable[[Any, Any, str], Iterator[str]]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _text,
    "integer": _length,
    "long": _length,
}
