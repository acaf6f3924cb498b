"""A bill written by hand: lines of SKUs and quantities, priced by the book.

It answers what a platform would cost that is no stack, and checks the book against a real bill.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from pydantic import Field

from pilothouse.config import validation, yaml_reader
from pilothouse.config.section import Section
from pilothouse.config.yaml_reader import Document
from pilothouse.cost.price import Price, weakest
from pilothouse.cost.price_book import PriceBook, Unpriced
from pilothouse.errors import InvalidInput, Problem, shown

FACTOR = "factor"
"""The unit of a price by which another one is multiplied."""


class BillLine(Section):
    """So many units of a SKU."""

    service: str = Field(min_length=1, description="The service, as the price book names it.")
    sku: str = Field(min_length=1, description="The SKU, as the price book names it.")
    quantity: float = Field(ge=0, description="How many units each of them has.")
    unit: str = Field(
        min_length=1, description="The unit of the quantity, which must be that of the price."
    )
    count: float = Field(default=1, ge=0, description="How many there are of it.")
    discount: str | None = Field(
        default=None,
        min_length=1,
        description="A SKU of the same service that is a factor, such as sustained-use-n1.",
    )
    provider: str | None = Field(default=None, description="Another provider than the bill's.")
    region: str | None = Field(default=None, description="Another region than the bill's.")
    note: str = Field(default="", description="What the line is, in words.")


class Bill(Section):
    """The lines of a bill in US dollars."""

    provider: str = Field(min_length=1, description="aws, gcp, azure or databricks.")
    region: str = Field(min_length=1, description="The region of the prices.")
    free_tier: bool = Field(
        default=True, description="Whether what is free for an account each month is free here."
    )
    lines: list[BillLine] = Field(min_length=1, description="What is billed.")


@dataclass(frozen=True, kw_only=True)
class PricedLine:
    """A line with its price, and its amount in US dollars."""

    line: BillLine
    price: Price
    usd: Decimal


@dataclass(frozen=True, kw_only=True)
class PricedBill:
    """A bill with its total in US dollars, and the weakest word of its prices."""

    lines: list[PricedLine]
    total: Decimal
    confidence: str


def read(path: Path, book: PriceBook) -> PricedBill:
    """Price the bill in a YAML file; raises InvalidInput with each line that has no price.

    A line in another unit than its price's is refused: ten GB at a price a month are no GB-hours.
    """
    document = yaml_reader.read(path)
    bill = validation.parse(Bill, document.data, document=document)
    problems, lines, used = list[Problem](), list[PricedLine](), dict[tuple[str, ...], Decimal]()
    for index, line in enumerate(bill.lines):
        try:
            lines.append(_priced(bill, line, book, used))
        except Unpriced as error:
            remedy = "find what there is with `pilothouse prices show`"
            problems.append(document.problem(("lines", index), found=str(error), remedy=remedy))
        problems += _wrong_unit(document, index, line, lines)
    if problems:
        raise InvalidInput(problems)
    return PricedBill(
        lines=lines,
        total=sum((line.usd for line in lines), Decimal(0)),
        confidence=weakest([line.price.confidence for line in lines]),
    )


def _priced(
    bill: Bill, line: BillLine, book: PriceBook, used: dict[tuple[str, ...], Decimal]
) -> PricedLine:
    place = (line.provider or bill.provider, line.service)
    region = line.region or bill.region
    price = book.find(*place, line.sku, region)
    before = used.get(price.key, Decimal(0) if bill.free_tier else price.free)
    after = before + Decimal(str(line.quantity)) * Decimal(str(line.count))
    used[price.key] = after
    usd = price.amount(after) - price.amount(before)
    if line.discount:
        factor = book.find(*place, line.discount, region)
        if factor.unit != FACTOR:
            raise Unpriced(f"{line.discount} is no factor, but a price by {factor.unit}")
        usd *= factor.tiers[0].usd
    return PricedLine(line=line, price=price, usd=usd)


def _wrong_unit(
    document: Document, index: int, line: BillLine, lines: list[PricedLine]
) -> Iterator[Problem]:
    if not lines or lines[-1].line is not line or lines[-1].price.unit == line.unit:
        return
    found = f"{shown(line.unit)}, and the price of {line.sku} is by {lines[-1].price.unit}"
    yield document.problem(("lines", index, "unit"), found=found, remedy="convert the quantity")
