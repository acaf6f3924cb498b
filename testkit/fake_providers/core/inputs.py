"""Inputs held against the SDK's own types: unknown keys, wrong types, what is missing."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from pulumi import _types as sdk_types

from testkit.fake_providers.core.values import UNKNOWN

Problem = tuple[str, str]
"""Where something is wrong, and what."""

_SCALARS: dict[type, tuple[type, ...]] = {
    str: (str,), bool: (bool,), int: (int,), float: (int, float), dict: (dict,), list: (list,),
}  # fmt: skip


def problems(arguments: type, properties: Mapping[str, Any]) -> list[Problem]:
    """Everything in which a resource's inputs are not what its class of arguments takes."""
    return list(_of_object(arguments, properties, ""))


@cache
def _shape(arguments: type) -> tuple[dict[str, Any], frozenset[str]]:
    """The type of each property, and the names of those that are required."""
    names = sdk_types.input_type_py_to_pulumi_names(arguments)
    parameters = inspect.signature(arguments).parameters.values()
    needed = [p.name for p in parameters if p.default is inspect.Parameter.empty]
    hints = sdk_types.input_type_types(arguments)
    return dict(hints), frozenset(names[name] for name in needed if name in names)


def _of_object(arguments: type, value: Any, path: str) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield path, f"expected an object, got {_named(value)}"
        return
    known, needed = _shape(arguments)
    for name in sorted(needed - set(value)):
        yield _below(path, name), "is required"
    for name, item in value.items():
        if name not in known:
            yield _below(path, name), f"is not a property; known are {', '.join(sorted(known))}"
        else:
            yield from _of_value(known[name], item, _below(path, name))


def _of_value(hint: Any, value: Any, path: str) -> Iterator[Problem]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if value == UNKNOWN or hint is Any:
        return
    if origin in (typing.Union, types.UnionType):
        yield from _of_union(arguments, value, path)
    elif origin is typing.Literal:
        if value not in arguments:
            yield path, f"must be {' or '.join(map(repr, arguments))}, not {value!r}"
    elif origin is not None:
        expected = Mapping if issubclass(origin, Mapping) else list
        yield from _of_items(arguments[-1], value, path, expected)
    elif sdk_types.is_input_type(hint):
        yield from _of_object(hint, value, path)
    elif not _is_a(hint, value):
        yield path, f"expected {hint.__name__}, got {_named(value)}"


def _of_union(options: Sequence[Any], value: Any, path: str) -> Iterator[Problem]:
    """Nothing if one of the options fits, else what the first real one has to say."""
    real = [option for option in options if _counts(option)]
    found = [list(_of_value(option, value, path)) for option in real]
    if all(found):
        yield from found[0] if found else []


def _counts(option: Any) -> bool:
    """Inputs may be awaited, outputs or typed dictionaries too; none of these gets here."""
    named = str(getattr(option, "__module__", "")) + "." + str(getattr(option, "__name__", ""))
    if option is type(None) or named.endswith("ArgsDict"):
        return False
    base = typing.get_origin(option) or option
    return getattr(base, "__name__", "") not in {"Output", "Awaitable"}


def _of_items(hint: Any, value: Any, path: str, expected: Any) -> Iterator[Problem]:
    if not isinstance(value, expected):
        yield path, f"expected a {'map' if expected is Mapping else 'list'}, got {_named(value)}"
        return
    named: Any = value.items() if expected is Mapping else enumerate(value)
    for name, item in named:
        step = f"{path}[{name}]" if isinstance(name, int) else _below(path, name)
        yield from _of_value(hint, item, step)


def _is_a(hint: Any, value: Any) -> bool:
    expected = _SCALARS.get(hint)
    if expected is None:
        return True
    return isinstance(value, expected) and (hint is bool or not isinstance(value, bool))


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _named(value: Any) -> str:
    """What a value is, without the value: it may be a secret."""
    return type(value).__name__
