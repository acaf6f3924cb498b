"""`pilothouse prices`: what the price book has, and bills priced by it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from pilothouse.cost import bill as bills
from pilothouse.cost import price_book
from pilothouse.cost import refresh as refreshing
from pilothouse.cost.lists.registry import LISTS
from pilothouse.cost.price import Price
from pilothouse.errors import Refused, one_of
from pilothouse.files import write_atomically
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


def refresh(
    report: Report, folder: Path, day: date, providers: Sequence[str], services: Sequence[str]
) -> None:
    """Write the snapshot of `day` into `folder`, and say what differs from the last one.

    Raises Refused where that file is there or a provider has no list, and PilothouseError where a
    list does not answer; nothing is written then.
    """
    lists = {name: LISTS[name] for name in _known(providers)}
    file = folder / f"{day}.csv"
    if file.exists():
        raise Refused(f"{file} is there: remove it, or name another folder")
    with report.working(f"asking the price lists of {', '.join(lists)}"):
        refreshed = refreshing.refresh(
            price_book.snapshots()[-1].read_text(encoding="utf-8"),
            lists,
            is_wanted=lambda row: not services or row["service"] in services,
        )
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(file, refreshed.text)
    for each in refreshed.differences:
        place = " ".join(each.row[key] for key in ("provider", "service", "sku", "region"))
        report.say(f"{each.outcome} {place}: {each.before or 'none'} -> {each.now or 'not listed'}")
    report.say(
        f"wrote {file}: {refreshed.agreed} prices agree, {len(refreshed.differences)} differ, "
        f"{refreshed.not_asked} were not asked for"
    )
    report.document(
        {
            "file": str(file),
            "agreed": refreshed.agreed,
            "not_asked": refreshed.not_asked,
            "differences": [
                {
                    "outcome": each.outcome,
                    **{key: each.row[key] for key in ("provider", "service", "sku", "region")},
                    "before": each.before,
                    "now": each.now,
                }
                for each in refreshed.differences
            ],
        }
    )


def _known(providers: Sequence[str]) -> Sequence[str]:
    for name in providers:
        if name not in LISTS:
            raise Refused(f"there is no open price list of {name!r}; {one_of(name, LISTS)}")
    return providers or list(LISTS)


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
