"""`pilothouse prices`: what the price book has, and bills priced by it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from pilothouse.cost import bill as bills
from pilothouse.cost import price_book
from pilothouse.cost.price import Price
from pilothouse.errors import Refused
from pilothouse.lifecycle.report import Report


def show(report: Report, words: Sequence[str]) -> None:
    """List the prices that have all words; Refused where there are none."""
    book = price_book.load()
    found = list(book.rows(*words))
    if not found:
        raise Refused(f"the price book of {book.day} has nothing with {' '.join(words)}")
    table = _table("service", "SKU", "region", "unit", "US$", "of", "confidence")
    for price in found:
        amounts = " then ".join(f"{tier.usd}" for tier in price.tiers)
        day = price.effective.isoformat() if price.effective else ""
        place = (f"{price.provider} {price.service}", price.sku, price.region)
        table.add_row(*map(escape, (*place, price.unit, amounts, day, price.confidence)))
    report.console.print(table)
    if len(found) == 1:
        report.say(f"{found[0].description}; source: {found[0].source}")
    report.document({"price_book": book.day.isoformat(), "prices": [*map(_document, found)]})


def bill(report: Report, file: Path) -> None:
    """Price the lines of a file, and sum them up."""
    book = price_book.load()
    priced = bills.read(file, book)
    table = _table("service", "SKU", "quantity", "US$", "confidence")
    for each in priced.lines:
        line = each.line
        count = f"{line.count:g} x " if line.count != 1 else ""
        quantity = f"{count}{line.quantity:,g} {line.unit}"
        amount = f"{each.usd:,.2f}"
        table.add_row(
            *map(escape, (line.service, line.sku, quantity, amount, each.price.confidence))
        )
    report.console.print(table)
    report.say(f"total: ${priced.total:,.2f}, the weakest price is {priced.confidence}")
    report.document(
        {
            "price_book": book.day.isoformat(),
            "total": float(round(priced.total, 6)),
            "confidence": priced.confidence,
            "lines": [
                {**each.line.model_dump(), "usd": float(round(each.usd, 6)), **_origin(each.price)}
                for each in priced.lines
            ],
        }
    )


def _table(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in titles:
        table.add_column(title, justify="right" if title in ("US$", "quantity") else "left")
    return table


def _document(price: Price) -> dict[str, object]:
    tiers = [
        {
            "usd": float(tier.usd),
            "from": float(tier.start),
            "to": None if tier.end is None else float(tier.end),
        }
        for tier in price.tiers
    ]
    return {
        "provider": price.provider,
        "service": price.service,
        "sku": price.sku,
        "region": price.region,
        "description": price.description,
        "unit": price.unit,
        "tiers": tiers,
        "free": float(price.free),
        **_origin(price),
    }


def _origin(price: Price) -> dict[str, str]:
    return {
        "confidence": price.confidence,
        "effective": price.effective.isoformat() if price.effective else "",
        "source": price.source,
        "second_source": price.second_source,
    }
