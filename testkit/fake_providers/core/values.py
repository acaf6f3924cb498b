"""Property values between the engine's wire format and plain Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf import json_format, struct_pb2  # type: ignore[import-untyped]
from pulumi.runtime import rpc

UNKNOWN: str = rpc.UNKNOWN
"""Stands for a value that only an update will know."""

Properties = dict[str, Any]


def from_wire(message: struct_pb2.Struct) -> Properties:
    """Plain values: secrets opened, whole numbers as integers, nulls dropped."""
    return {name: _plain(value) for name, value in _present(message.fields)}


def to_wire(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """The message that carries plain values."""
    message: struct_pb2.Struct = json_format.ParseDict(dict(properties), struct_pb2.Struct())
    return message


def secret(value: Any) -> Properties:
    """A value that the engine encrypts in the state and never prints."""
    return {rpc._special_sig_key: rpc._special_secret_sig, "value": value}


def has_unknown(value: Any) -> bool:
    """Whether something in it is known only after an update."""
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return bool(value == UNKNOWN)


def renamed(value: Any, rename: Callable[[str], str]) -> Any:
    """The same value with every key renamed."""
    if isinstance(value, dict):
        return {rename(name): renamed(item, rename) for name, item in value.items()}
    if isinstance(value, list):
        return [renamed(item, rename) for item in value]
    return value


def _plain(value: struct_pb2.Value) -> Any:
    which = value.WhichOneof("kind")
    if which == "struct_value":
        return _opened(value.struct_value)
    if which == "list_value":
        return [_plain(item) for item in value.list_value.values]
    if which == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    return None if which == "null_value" else getattr(value, which)


def _opened(message: struct_pb2.Struct) -> Any:
    plain = from_wire(message)
    if plain.get(rpc._special_sig_key) == rpc._special_secret_sig:
        return plain["value"]
    return plain


def _present(fields: Mapping[str, struct_pb2.Value]) -> Any:
    return ((name, value) for name, value in fields.items() if value.WhichOneof("kind") and (
        value.WhichOneof("kind") != "null_value"
    ))  # fmt: skip
