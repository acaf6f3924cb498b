"""The price book: dated snapshots of list prices in the package, found by SKU and region.

There is no price of another region in place of one that is missing, and no zero either.
"""

from __future__ import annotations

import csv
import hashlib
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

    day: the snapshot's date. digest: the SHA-256 of its text, in hexadecimal digits.
    prices: by provider, service, SKU and region. missing: why these have none.
    """

    day: date
    digest: str
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

    Raises InvalidInput with every row that is wrong.
    """
    file = file or snapshots()[-1]
    text = file.read_text(encoding="utf-8")
    return parse(text, name=file.name, day=date.fromisoformat(file.name.removesuffix(".csv")))


def parse(text: str, *, name: str, day: date) -> PriceBook:
    """The book that `text` has in COLUMNS; raises InvalidInput with every row that is wrong."""
    reader = csv.DictReader(io.StringIO(text))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        found = f"the columns {', '.join(reader.fieldnames or ())}"
        raise InvalidInput([_problem(name, 1, "", found, f"write {', '.join(COLUMNS)}")])
    tiers: defaultdict[Key, list[Price]] = defaultdict(list)
    missing, problems = set[Key](), list[Problem]()
    for row in reader:
        key = (row["provider"], row["service"], row["sku"], row["region"])
        if row["confidence"] == MISSING:
            missing.add(key)
            continue
        try:
            tiers[key].append(_price(row))
        except (ValueError, InvalidOperation) as error:
            remedy = "write a number, or the confidence `missing`"
            problems.append(_problem(name, reader.line_num, row["sku"], shown(str(error)), remedy))
    if problems:
        raise InvalidInput(problems)
    return PriceBook(
        day=day,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        prices={key: _joined(found) for key, found in tiers.items()},
        missing=frozenset(missing),
    )


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
