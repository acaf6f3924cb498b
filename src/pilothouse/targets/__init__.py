"""The registry of targets: one line each.

Entries are lazy "module:attribute" strings, and so are the parts of a target: a stack imports the
SDKs of its own target only. A package outside of this one adds a target by an entry point in the
group `pilothouse.targets` whose object is a `Target`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from pilothouse.errors import PilothouseError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from pilothouse.targets.descriptor import Target

GROUP = "pilothouse.targets"

BUILT_IN: Mapping[str, str] = {
    "aws": "pilothouse.targets.aws:TARGET",
    "kubernetes": "pilothouse.targets.kubernetes:TARGET",
    "local": "pilothouse.targets.local:TARGET",
}


@cache
def registered() -> Mapping[str, Target]:
    """Every target by name: the built-in ones, and those that other packages add.

    Raises PilothouseError for another package's target that cannot be loaded.
    """
    from importlib.metadata import EntryPoint, entry_points

    built_in = {name: EntryPoint(name, value, GROUP) for name, value in BUILT_IN.items()}
    added = [entry for entry in entry_points(group=GROUP) if entry.name not in built_in]
    return {entry.name: _load_target(entry) for entry in [*added, *built_in.values()]}


def _load_target(entry: EntryPoint) -> Target:
    from pilothouse.targets.descriptor import Target

    try:
        target = entry.load()
    except Exception as error:
        raise _unusable(entry, f"{type(error).__name__}: {error}") from error
    if not isinstance(target, Target):
        raise _unusable(entry, f"{entry.value} is a {type(target).__name__} instead of a Target")
    return target


def _unusable(entry: EntryPoint, reason: str) -> PilothouseError:
    package = entry.dist.name if entry.dist else "pilothouse"
    return PilothouseError(
        f"target {entry.name!r} of package {package!r} cannot be loaded: {reason}; "
        "update that package or uninstall it"
    )


def offering(part: str) -> list[str]:
    """The targets that have an optional part, such as `renderer`."""
    return sorted(name for name, target in registered().items() if part in target.parts())


def load(target: str, part: str) -> Any:
    """Import one part of a target, such as `storage` or `orchestration.airflow`.

    Raises KeyError for an unknown target or part, PilothouseError where its SDK is not installed.
    """
    from importlib.metadata import EntryPoint

    descriptor = registered()[target]
    try:
        return EntryPoint(part, descriptor.parts()[part], GROUP).load()
    except ModuleNotFoundError as error:
        message = f"target {target!r} needs {error.name!r}, which is not installed"
        raise PilothouseError(f"{message}: {descriptor.install}") from error
