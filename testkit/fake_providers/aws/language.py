"""The table's expressions: JMESPath over a resource's inputs and what AWS says of it.

Besides JMESPath's own functions there are `pascal` and `camel` (keys as AWS and as Pulumi write
them), `pairs` and `mapped` (tags as a list and as a map), `parsed` and `dumped` (JSON), and
`content` (the bytes of an asset's file).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jmespath  # type: ignore[import-untyped]
from jmespath import functions

from testkit.fake_providers.core.values import UNKNOWN

INPUTS = "in"
"""What expressions call the inputs."""

_ODD = {"id": "ID", "sseAlgorithm": "SSEAlgorithm", "kmsMasterKeyId": "KMSMasterKeyID"}
_ODD_BACK = {value: key for key, value in _ODD.items()}
_ANY: list[str] = []


class _Functions(functions.Functions):  # type: ignore[misc]
    @functions.signature({"types": _ANY})  # type: ignore[untyped-decorator]
    def _func_pascal(self, value: Any) -> Any:
        return rekeyed(value, pascal)

    @functions.signature({"types": _ANY})  # type: ignore[untyped-decorator]
    def _func_camel(self, value: Any) -> Any:
        return rekeyed(value, camel)

    @functions.signature({"types": _ANY})  # type: ignore[untyped-decorator]
    def _func_pairs(self, value: Any) -> Any:
        if value == UNKNOWN:
            return value
        return [{"Key": name, "Value": text} for name, text in (value or {}).items()] or None

    @functions.signature({"types": _ANY})  # type: ignore[untyped-decorator]
    def _func_mapped(self, value: Any) -> Any:
        return mapped(value)

    @functions.signature({"types": _ANY})  # type: ignore[untyped-decorator]
    def _func_content(self, asset: Any) -> Any:
        return Path(asset["path"]).read_bytes() if isinstance(asset, Mapping) else asset

    @functions.signature({"types": _ANY})  # type: ignore[untyped-decorator]
    def _func_parsed(self, value: Any) -> Any:
        return value if value in (None, UNKNOWN) else json.loads(value)

    @functions.signature({"types": _ANY})  # type: ignore[untyped-decorator]
    def _func_dumped(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else json.dumps(value)

    @functions.signature({"types": _ANY}, {"types": _ANY}, {"types": _ANY})  # type: ignore[untyped-decorator]
    def _func_chosen(self, items: Any, key: str, wanted: Any) -> Any:
        return next((item for item in items or [] if item.get(key) == wanted), None)

    @functions.signature({"types": _ANY}, {"types": ["string"]})  # type: ignore[untyped-decorator]
    def _func_before(self, text: Any, mark: str) -> Any:
        return text if text in (None, UNKNOWN) else text.partition(mark)[0]

    @functions.signature({"types": _ANY}, {"types": ["string"]})  # type: ignore[untyped-decorator]
    def _func_after(self, text: Any, mark: str) -> Any:
        return text if text in (None, UNKNOWN) else text.partition(mark)[2]

    @functions.signature({"types": _ANY}, {"types": _ANY})  # type: ignore[untyped-decorator]
    def _func_all_of(self, items: Any, name: Any) -> Any:
        return {item["name"]: item[name] for item in items or []} if items != UNKNOWN else items


_OPTIONS = jmespath.Options(custom_functions=_Functions())


def value_of(expression: str, context: Mapping[str, Any]) -> Any:
    """What an expression means in a context."""
    return _compiled(expression).search(dict(context), options=_OPTIONS)


@cache
def inputs_of(expression: str) -> frozenset[str]:
    """The inputs that an expression names."""
    return frozenset(_named(_compiled(expression).parsed))


def mapped(tags: Any) -> dict[str, str]:
    """Tags as a map, whatever a service writes them like; AWS's own are left out."""
    if tags == UNKNOWN:
        return {}
    if isinstance(tags, Mapping):
        found = dict(tags)
    else:
        found = {
            tag.get("Key", tag.get("TagKey")): tag.get("Value", tag.get("TagValue"))
            for tag in tags or []
        }
    return {str(n): str(v) for n, v in sorted(found.items()) if not str(n).startswith("aws:")}


def pascal(key: str) -> str:
    """A key as AWS writes it."""
    return _ODD.get(key, key[:1].upper() + key[1:])


def camel(key: str) -> str:
    """A key as Pulumi writes it."""
    return _ODD_BACK.get(key, key[:1].lower() + key[1:])


def rekeyed(value: Any, rename: Callable[[str], str]) -> Any:
    """The same value with every key renamed."""
    if isinstance(value, Mapping):
        return {rename(name): rekeyed(item, rename) for name, item in value.items()}
    if isinstance(value, list):
        return [rekeyed(item, rename) for item in value]
    return value


def without_nothing(value: Any) -> Any:
    """The same value without the keys whose value is null."""
    if isinstance(value, Mapping):
        return {n: without_nothing(item) for n, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nothing(item) for item in value]
    return value


@cache
def _compiled(expression: str) -> Any:
    return jmespath.compile(expression)


def _named(node: Any) -> Iterator[str]:
    if not isinstance(node, dict):
        return
    children = node.get("children") or []
    if node.get("type") == "subexpression" and children[0] == _field(INPUTS):
        yield _first(children[1])
    for child in children:
        yield from _named(child)


def _first(node: dict[str, Any]) -> str:
    """The name that a path begins with, such as `a` of `a[0]`."""
    return str(node["value"]) if node["type"] == "field" else _first(node["children"][0])


def _field(name: str) -> dict[str, Any]:
    return {"type": "field", "children": [], "value": name}
