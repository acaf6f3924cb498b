"""When two values mean the same, as AWS has it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any


def means(wanted: Any, found: Any) -> bool:
    """Whether what was found is what was wanted: it may have more keys, and another order."""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        return all(means(value, found.get(name)) for name, value in wanted.items())
    if isinstance(wanted, list) and isinstance(found, list):
        return len(wanted) == len(found) and _paired(wanted, found)
    if isinstance(wanted, bool) or isinstance(found, bool):
        return wanted is found or (wanted is False and found is None)
    if _is_empty(wanted) and _is_empty(found):
        return True
    return bool(wanted == found) or _text(wanted) == _text(found)


def same(one: Any, other: Any) -> bool:
    """Whether two values mean exactly the same."""
    return means(one, other) and means(other, one)


def _paired(wanted: Sequence[Any], found: Sequence[Any]) -> bool:
    left = list(found)
    for value in wanted:
        match = next((n for n, other in enumerate(left) if means(value, other)), None)
        if match is None:
            return False
        del left[match]
    return True


def _is_empty(value: Any) -> bool:
    return value is None or (not isinstance(value, (bool, int, float)) and len(value) == 0)


def _text(value: Any) -> Any:
    """JSON documents and numbers compare by what they say."""
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, str):
        try:
            parsed = json.loads(value)
        except ValueError:
            return value
        is_document = isinstance(parsed, (dict, list))
        return _frozen(parsed) if is_document else float(parsed) if _is_number(parsed) else value
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _frozen(document: Any) -> str:
    """Order does not count in policies' lists, and one item stands for a list of one."""
    if isinstance(document, dict):
        return json.dumps({name: _frozen(item) for name, item in document.items()}, sort_keys=True)
    if isinstance(document, list):
        items = sorted(_frozen(item) for item in document)
        return items[0] if len(items) == 1 else json.dumps(items)
    return json.dumps(document)
