"""Quantities as the API server writes them.

The real provider writes inputs so before it sends them; sent otherwise, the same quantity would be
a conflict between two managers.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

_HOLDERS = frozenset({"capacity", "hard", "limits", "requests"})
_QUANTITY = re.compile(r"(?P<number>[+-]?(\d+\.?\d*|\.\d+))(?P<suffix>[KMGTPE]i|[numkMGTPE]?)")
_BINARY = {f"{letter}i": 1024**power for power, letter in enumerate("KMGTPE", 1)}
_DECIMAL = {
    "n": Decimal("1e-9"), "u": Decimal("1e-6"), "m": Decimal("1e-3"), "": Decimal(1),
    "k": Decimal("1e3"), "M": Decimal("1e6"), "G": Decimal("1e9"), "T": Decimal("1e12"),
    "P": Decimal("1e15"), "E": Decimal("1e18"),
}  # fmt: skip


def normalized(value: Any) -> Any:
    """The same value with every quantity in it as the API server would write it."""
    if isinstance(value, list):
        return [normalized(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _amounts(item) if name in _HOLDERS and isinstance(item, dict) else normalized(item)
        for name, item in value.items()
    }


def canonical(text: str) -> str:
    """The same amount with the largest suffix that leaves a whole number."""
    total = amount(text)
    if total is None:
        return text
    units: dict[str, Any] = _BINARY | {"": 1} if text.endswith("i") else _DECIMAL
    for suffix, unit in sorted(units.items(), key=lambda item: -item[1]):
        if total and total % Decimal(unit) == 0:
            return f"{total / Decimal(unit):f}".split(".")[0] + suffix
    return text if total else "0"


def amount(text: str) -> Decimal | None:
    """How much a quantity is; None if it is none."""
    found = _QUANTITY.fullmatch(text)
    if not found:
        return None
    return Decimal(found["number"]) * Decimal({**_DECIMAL, **_BINARY}[found["suffix"]])


def _amounts(given: dict[str, Any]) -> dict[str, Any]:
    return {
        name: canonical(item) if isinstance(item, str) else normalized(item)
        for name, item in given.items()
    }
