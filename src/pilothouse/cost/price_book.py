"""The price book: dated snapshots of list prices in the package, found by SKU and region.

There is no price of another region in place of one that is missing, and no zero either.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from pilothouse.cost import derived
from pilothouse.cost.price import CONFIDENCE, Key, Price, Tier
from pilothouse.errors import InvalidInput, PilothouseError, Problem, closest, shown

ANY_REGION = "any"
MISSING = "missing"
"""The confidence of a row whose price no source had."""

COLUMNS = (
    "provider", "service", "sku", "description", "region", "unit", "usd", "from_unit", "to_unit",
    "free_per_month", "effective_date", "source", "second_source", "confidence",
)  # fmt: skip


class Unpriced(PilothouseError):
    """The book has no price of that; the message says what it has instead."""


@dataclass(frozen=True, kw_only=True)
class PriceBook:
    """Prices of one day.

    day: the snapshot's date. prices: by provider, service, SKU and region. missing: the keys of
    rows whose price no source had.
    """

    day: date
    prices: Mapping[Key, Price]
    missing: frozenset[Key] = frozenset()

    def find(self, provider: str, service: str, sku: str, region: str) -> Price:
        """The price of a SKU in a region; raises Unpriced."""
        for place in (region, ANY_REGION):
            if found := self.prices.get((provider, service, sku, place)):
                return found
        if found := derived.find(self.prices, (provider, service, sku, region)):
            return found
        raise Unpriced(self._why_not(provider, service, sku, region))

    def rows(self, *words: str) -> Iterator[Price]:
        """The prices whose provider, service, SKU, region or description have all words."""
        for price in self.prices.values():
            text = " ".join([*price.key, price.description]).lower()
            if all(word.lower() in text for word in words):
                yield price

    def _why_not(self, provider: str, service: str, sku: str, region: str) -> str:
        key = (provider, service, sku, region)
        what = f"{provider} {service} {sku} in {region}"
        if key in self.missing or (*key[:3], ANY_REGION) in self.missing:
            return f"no source had a price of {what} when the book of {self.day} was made"
        if elsewhere := sorted(
            key[3] for key in self.prices if key[:3] == (provider, service, sku)
        ):
            return f"the book has no price of {what}, only in {', '.join(elsewhere)}"
        known = {key[2] for key in self.prices if key[:2] == (provider, service)}
        guess = closest(sku, known)
        return f"the book has no {what}{f'; did you mean {guess}?' if guess else ''}"


def snapshots() -> Sequence[Traversable]:
    """The files of the snapshots in the package, the oldest first."""
    folder = resources.files("pilothouse.cost.prices")
    found = [item for item in folder.iterdir() if item.name.endswith(".csv")]
    return sorted(found, key=lambda item: item.name)


def load(file: Traversable | None = None) -> PriceBook:
    """The snapshot in `file`, whose name is its date; by default the newest in the package.

    Its rows are only read where they are asked for, which keeps a preview quick.
    """
    file = file or snapshots()[-1]
    text = file.read_text(encoding="utf-8")
    _, *lines = csv.reader(io.StringIO(text))
    return _book(lines, date.fromisoformat(file.name.removesuffix(".csv")))


def parse(text: str, *, name: str, day: date) -> PriceBook:
    """The book that `text` has in COLUMNS; raises InvalidInput with every row that is wrong."""
    columns, *lines = csv.reader(io.StringIO(text))
    if tuple(columns) != COLUMNS:
        found = f"the columns {', '.join(columns)}"
        raise InvalidInput([_problem(name, 1, "", found, f"write {', '.join(COLUMNS)}")])
    problems = list[Problem]()
    for number, line in enumerate(lines, start=2):
        row = _row(line)
        try:
            if row["confidence"] != MISSING:
                _price(row)
        except (KeyError, ValueError, InvalidOperation) as error:
            remedy = "write a number, or the confidence `missing`"
            problems.append(_problem(name, number, row.get("sku", ""), shown(str(error)), remedy))
    if problems:
        raise InvalidInput(problems)
    return _book(lines, day)


class _Prices(Mapping[Key, Price]):
    """The prices of rows, each made of them when it is first asked for."""

    def __init__(self, rows: Mapping[Key, list[list[str]]]) -> None:
        self._rows = rows
        self._made: dict[Key, Price] = {}

    def __getitem__(self, key: Key) -> Price:
        if key not in self._made:
            self._made[key] = _joined(_price(_row(line)) for line in self._rows[key])
        return self._made[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def _book(lines: Iterable[list[str]], day: date) -> PriceBook:
    rows: defaultdict[Key, list[list[str]]] = defaultdict(list)
    missing = set[Key]()
    for line in lines:
        key = (line[0], line[1], line[2], line[4])
        if line[-1] == MISSING:
            missing.add(key)
        else:
            rows[key].append(line)
    return PriceBook(
        day=day,
        prices=_Prices(dict(rows)),
        missing=frozenset(missing),
    )


def _row(line: Iterable[str]) -> dict[str, str]:
    return dict(zip(COLUMNS, line, strict=False))


def _price(row: Mapping[str, Any]) -> Price:
    if row["confidence"] not in CONFIDENCE:
        raise ValueError(f"confidence {row['confidence']}")
    end = Decimal(row["to_unit"]) if row["to_unit"] else None
    tier = Tier(usd=_number(row["usd"]), start=_number(row["from_unit"] or "0"), end=end)
    return Price(
        provider=row["provider"],
        service=row["service"],
        sku=row["sku"],
        region=row["region"],
        unit=row["unit"],
        tiers=[tier],
        confidence=row["confidence"],
        source=row["source"],
        description=row["description"],
        free=_number(row["free_per_month"] or "0"),
        effective=_day(row["effective_date"]),
        second_source=row["second_source"],
    )


def _number(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite() or number < 0:
        raise ValueError(f"price {text}")
    return number


def _day(text: str) -> date:
    """The first day of a date that may have only a year, or a year and a month."""
    year, *rest = map(int, text.split("-"))
    month, day = (*rest, 1, 1)[:2]
    return date(year, month, day)


def _joined(found: Iterable[Price]) -> Price:
    """One price of the rows of one key, each a tier of it."""
    rows = sorted(found, key=lambda price: price.tiers[0].start)
    return replace(rows[0], tiers=[tier for price in rows for tier in price.tiers])


def _problem(name: str, line: int, key: str, found: str, remedy: str) -> Problem:
    return Problem(file=name, line=line, key=key, found=found, remedy=remedy)
