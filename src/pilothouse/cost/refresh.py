"""A new snapshot of the price book: the last one, with what the providers' lists say now.

What a list contradicts becomes the list's price, and the earlier one stays beside it as a conflict.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from pilothouse.cost.lists.listed import Listed, PriceList, Row
from pilothouse.cost.price_book import COLUMNS, MISSING

AGREEMENT = Decimal("0.005")
"""The share by which two sources may differ that agree: they round."""

Outcome = Literal["agreed", "changed", "new", "gone"]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A row whose price is another one now, or is not listed. `before`, `now`: US dollars or ""."""

    outcome: Outcome
    row: Row
    before: str
    now: str


@dataclass(frozen=True, kw_only=True)
class Refreshed:
    """A new snapshot's text, what differs, and how many rows agreed or were not asked for."""

    text: str
    differences: Sequence[Difference]
    agreed: int
    not_asked: int


@dataclass(kw_only=True)
class _Outcomes:
    rows: dict[int, Row] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    agreed: int = 0


def refresh(
    text: str,
    lists: Mapping[str, PriceList],
    *,
    is_wanted: Callable[[Row], bool] = lambda _row: True,
) -> Refreshed:
    """The snapshot `text` with what `lists` say, by their providers.

    Rows that no list can answer, or that are not wanted, stay as they are. Raises PilothouseError
    where a list does not answer: there is no snapshot of a part then.
    """
    rows: list[Row] = list(csv.DictReader(io.StringIO(text)))
    outcomes, asked = _Outcomes(), 0
    for provider, price_list in lists.items():
        wanted = {
            id(row): index
            for index, row in enumerate(rows)
            if row["provider"] == provider and is_wanted(row) and _is_flat(row)
            and price_list.can_answer(row)
        }  # fmt: skip
        asked += len(wanted)
        for row, listed in price_list.answer([rows[index] for index in wanted.values()]):
            outcomes.rows[wanted[id(row)]] = _compared(row, listed, outcomes)
    new = [outcomes.rows.get(index, row) for index, row in enumerate(rows)]
    return Refreshed(
        text=_written(new),
        differences=outcomes.differences,
        agreed=outcomes.agreed,
        not_asked=len(rows) - asked,
    )


def _is_flat(row: Row) -> bool:
    """Whether a row is no tier: a list's tiers are not compared."""
    return not (row["from_unit"] or row["to_unit"])


def _compared(row: Row, listed: Listed | None, outcomes: _Outcomes) -> Row:
    if listed is None:
        if row["confidence"] != MISSING:
            outcomes.differences.append(_difference("gone", row, ""))
        return row
    usd = f"{listed.usd.normalize():f}"
    found = {**row, "usd": usd, "effective_date": f"{listed.day}", "source": listed.source}
    if row["confidence"] == MISSING:
        outcomes.differences.append(_difference("new", row, usd))
        return {**found, "second_source": "", "confidence": "single"}
    earlier = f"{row['usd']} in {row['source']} ({row['effective_date']})"
    if _agree(Decimal(row["usd"]), listed.usd):
        outcomes.agreed += 1
        was_read_here = row["source"] == listed.source
        second = row["second_source"] if was_read_here else earlier
        confidence = row["confidence"] if was_read_here else "confirmed"
        return {**found, "second_source": second, "confidence": confidence}
    outcomes.differences.append(_difference("changed", row, usd))
    return {
        **found,
        "second_source": f"CONFLICT {earlier}",
        "confidence": "conflict-newer-kept",
    }


def _agree(first: Decimal, second: Decimal) -> bool:
    return abs(first - second) <= AGREEMENT * max(first, second)


def _difference(outcome: Outcome, row: Row, now: str) -> Difference:
    return Difference(outcome=outcome, row=row, before=row["usd"], now=now)


def _written(rows: Iterable[Row]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
