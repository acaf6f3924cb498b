"""What a price list is asked for, and what it answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

Row = Mapping[str, str]
"""A row of a snapshot, by its columns."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """The price of one unit as a provider lists it, the day of its list, and its address."""

    usd: Decimal
    day: date
    source: str


class PriceList(Protocol):
    """A provider's price list."""

    def can_answer(self, row: Row) -> bool:
        """Whether it is known how the list names what a row prices."""
        ...

    def answer(self, rows: Iterable[Row]) -> Iterable[tuple[Row, Listed | None]]:
        """What is listed for rows that it can answer; None where the list has no such price.

        Raises PilothouseError where the list does not answer, or not as expected.
        """
        ...
