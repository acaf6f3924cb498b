"""What usage is assumed: named quantities a month, by the platform's size, that a team can set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema

from pilothouse.config.validation import refusal
from pilothouse.errors import one_of, shortened, shown

MOST = 1_000_000_000_000
"""The number below which a quantity is; more is a mistake."""

GROWTH: Mapping[str, Decimal] = {"small": Decimal(1), "medium": Decimal(5), "large": Decimal(20)}
"""How many times the usage of a small platform is assumed, by size."""


@dataclass(frozen=True, kw_only=True)
class Range:
    """A quantity that is not known: the least, the expected and the most of it."""

    low: Decimal
    expected: Decimal
    high: Decimal

    @classmethod
    def of(cls, low: float, expected: float, high: float) -> Range:
        """A range of plain numbers."""
        return cls(low=Decimal(str(low)), expected=Decimal(str(expected)), high=Decimal(str(high)))

    @classmethod
    def exactly(cls, value: Decimal) -> Range:
        """A quantity that is known."""
        return cls(low=value, expected=value, high=value)

    def __mul__(self, factor: Decimal) -> Range:
        return Range(
            low=self.low * factor, expected=self.expected * factor, high=self.high * factor
        )

    def __add__(self, other: Range) -> Range:
        return Range(
            low=self.low + other.low,
            expected=self.expected + other.expected,
            high=self.high + other.high,
        )


NOTHING = Range.exactly(Decimal(0))


@dataclass(frozen=True, kw_only=True)
class Assumption:
    """A named quantity a month. `is_own`: the stack file says it; else it is the size's default."""

    name: str
    unit: str
    meaning: str
    value: Range
    is_own: bool = False


@dataclass(frozen=True, kw_only=True)
class Usage:
    """The declaration of an assumption: what is assumed of a small platform unless a team says."""

    name: str
    unit: str
    meaning: str
    small: Range

    def assume(self, size: str, own: Mapping[str, Range]) -> Assumption:
        """What is assumed for a platform of that size, of which the stack file says `own`."""
        value = own.get(self.name)
        return Assumption(
            name=self.name,
            unit=self.unit,
            meaning=self.meaning,
            value=value or self.small * GROWTH[size],
            is_own=value is not None,
        )


def declare(name: str, unit: str, meaning: str, low: float, expected: float, high: float) -> Usage:
    """A usage whose range on a small platform is that, in its unit a month."""
    return Usage(name=name, unit=unit, meaning=meaning, small=Range.of(low, expected, high))


def assume(
    declared: Iterable[Usage], size: str, own: Mapping[str, Range]
) -> Mapping[str, Assumption]:
    """What is assumed for each declared usage, by its name."""
    return {usage.name: usage.assume(size, own) for usage in declared}


def _parse(value: object) -> Range:
    numbers = value if isinstance(value, list) else [value]
    if len(numbers) in (1, 3) and all(map(_is_quantity, numbers)) and numbers == sorted(numbers):
        return Range.of(numbers[0], numbers[len(numbers) // 2], numbers[-1])
    raise refusal(
        found=f"the list {shortened(str(value))}" if isinstance(value, list) else shown(value),
        remedy="write a number from 0 on, or a list of the least, the expected and the most",
    )


def _is_quantity(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < MOST


def _as_written(value: Range) -> list[float]:
    return [float(value.low), float(value.expected), float(value.high)]


_NUMBER = {"type": "number", "minimum": 0}
UsageValue = Annotated[
    Range,
    BeforeValidator(_parse),
    PlainSerializer(_as_written),
    WithJsonSchema(
        {"anyOf": [_NUMBER, {"type": "array", "items": _NUMBER, "minItems": 3, "maxItems": 3}]}
    ),
]
"""A quantity as a stack file writes it: a number, or the least, the expected and the most."""


def known_to(declared: Iterable[Usage]) -> AfterValidator:
    """A validator of a mapping of usage, which only has names of what is `declared`."""
    names = [usage.name for usage in declared]

    def check(own: dict[str, Range]) -> dict[str, Range]:
        for name in own:
            if name not in names:
                raise refusal(key=name, found=f"usage {shown(name)}", remedy=one_of(name, names))
        return own

    return AfterValidator(check)
