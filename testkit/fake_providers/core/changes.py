"""What differs between two objects, where, and how that is written."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Path = tuple[str | int, ...]
MISSING: Any = object()


@dataclass(frozen=True)
class Change:
    """One difference; `value` is the new value, MISSING for what is deleted."""

    path: Path
    kind: Literal["add", "update", "delete"]
    value: Any = MISSING

    @property
    def label(self) -> str:
        """The path as Pulumi writes it: `spec.ports[0]`, `metadata.labels["a.b/c"]`."""
        text = ""
        for step in self.path:
            if isinstance(step, int):
                text += f"[{step}]"
            elif set(step) & set('."[]'):
                escaped = step.replace('"', '\\"')
                text += f'["{escaped}"]'
            else:
                text += f".{step}" if text else step
        return text

    @property
    def operation(self) -> dict[str, Any]:
        """The change as an operation of a JSON patch."""
        names = {"add": "add", "update": "replace", "delete": "remove"}
        operation = {"op": names[self.kind], "path": pointer(self.path)}
        return operation if self.value is MISSING else operation | {"value": self.value}


def pointer(path: Path) -> str:
    """A JSON pointer."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def changes(old: Any, new: Any, path: Path = ()) -> Iterator[Change]:
    """Everything in which `new` differs from `old`; lists are compared place by place."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in [*old, *(name for name in new if name not in old)]:
            yield from changes(old.get(name, MISSING), new.get(name, MISSING), (*path, name))
    elif isinstance(old, list) and isinstance(new, list):
        for place in range(max(len(old), len(new))):
            yield from changes(_at(old, place), _at(new, place), (*path, place))
    elif old is MISSING:
        yield Change(path, "add", new)
    elif new is MISSING:
        yield Change(path, "delete")
    elif not same(old, new):
        yield Change(path, "update", new)


def same(one: Any, other: Any) -> bool:
    """Equality as JSON has it: 1 is 1.0, and neither is true."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def pruned(live: Any, shape: Any) -> Any:
    """What of a live value has its like in `shape`: what the server added is left out."""
    if isinstance(live, dict) and isinstance(shape, dict):
        return {name: pruned(live[name], shape[name]) for name in live if name in shape}
    if isinstance(live, list) and isinstance(shape, list):
        return [pruned(value, like) for value, like in zip(live, shape, strict=False)]
    return live


def lookup(value: Any, path: Path) -> Any:
    """The value at a path, or MISSING."""
    for step in path:
        if isinstance(step, int):
            value = _at(value, step) if isinstance(value, list) else MISSING
        else:
            value = value.get(step, MISSING) if isinstance(value, dict) else MISSING
    return value


def put(value: Any, path: Path, new: Any) -> None:
    """Set what is at a path, if the way to it is there; MISSING removes it."""
    parent = lookup(value, path[:-1])
    last: Any = path[-1]
    if isinstance(parent, list) and last >= len(parent):
        if new is not MISSING:
            parent.append(copy.deepcopy(new))
    elif isinstance(parent, (dict, list)):
        if new is not MISSING:
            parent[last] = copy.deepcopy(new)
        elif lookup(value, path) is not MISSING:
            del parent[last]


def patch(found: Sequence[Change]) -> list[dict[str, Any]]:
    """A JSON patch; what it removes from a list, it removes from the end."""
    removed = [change for change in found if change.kind == "delete"]
    kept = [change for change in found if change.kind != "delete"]
    return [change.operation for change in (*kept, *reversed(removed))]


def _at(values: list[Any], place: int) -> Any:
    return values[place] if place < len(values) else MISSING
