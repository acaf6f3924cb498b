"""The estimate: what is billed, priced line by line, with what has no price named apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pilothouse.cost.charges import Charge, CostModel, Free, Kind, Unknown
from pilothouse.cost.price import Price, weakest
from pilothouse.cost.price_book import PriceBook, Unpriced
from pilothouse.cost.usage import NOTHING, Assumption, Range
from pilothouse.errors import PilothouseError


@dataclass(frozen=True, kw_only=True)
class Billed:
    """A resource whose bill is estimated: its type, its logical name and its inputs."""

    type: str
    name: str
    inputs: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One priced line.

    resource: the kind and logical name of what is billed; empty for the platform's own.
    quantity: in units of the price. usd: US dollars a month, or once.
    """

    resource: str
    charge: Charge
    price: Price
    quantity: Range
    usd: Range

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is known by in another estimate of the same stack."""
        return self.resource, self.charge.service, self.charge.sku


@dataclass(frozen=True, kw_only=True)
class NotPriced:
    """Something that is billed, or may be, and what it costs is not known."""

    resource: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a stack costs, in US dollars.

    free: why nothing is billed for a resource, by its kind and name.
    """

    region: str
    book: date
    lines: Sequence[Line]
    unpriced: Sequence[NotPriced]
    free: Mapping[str, str]
    assumptions: Mapping[str, Assumption]
    confidence: str

    def total(self, *kinds: Kind) -> Range:
        """The sum of the lines of these kinds; a month's where `once` is not among them."""
        return sum((line.usd for line in self.lines if line.charge.kind in kinds), NOTHING)

    @property
    def fixed(self) -> Decimal:
        """What a month costs while nothing runs."""
        return self.total("fixed").expected

    @property
    def paused(self) -> Decimal:
        """What a month costs while the stack is paused, and so used for nothing."""
        return sum(
            (line.usd.expected for line in self.lines if line.charge.is_billed_in_pause),
            Decimal(0),
        )

    @property
    def monthly(self) -> Range:
        """What a month costs: fixed lines, and usage with its range."""
        return self.total("fixed", "usage")

    @property
    def is_complete(self) -> bool:
        """Whether all that is billed has a price; else each total is a least one."""
        return not self.unpriced

    def by_service(self) -> Mapping[str, Sequence[Line]]:
        """The lines by the service that bills them, the dearest service first."""
        groups: defaultdict[str, list[Line]] = defaultdict(list)
        for line in self.lines:
            groups[line.charge.service].append(line)
        cost = {name: -sum(line.usd.expected for line in lines) for name, lines in groups.items()}
        return {name: groups[name] for name in sorted(groups, key=lambda name: (cost[name], name))}


def estimate(
    resources: Iterable[Billed], model: CostModel, book: PriceBook, today: date
) -> Estimate:
    """Price what `resources` and the platform are billed for.

    Raises PilothouseError where a charge has another unit than its price: a mistake of the target's
    declaration, or of the book.
    """
    free, unpriced = dict[str, str](), list[NotPriced]()
    charges = [("", charge) for charge in model.platform]
    for resource in resources:
        label = f"{resource.type.rpartition(':')[2]} {resource.name}"
        match model.billing(resource.type, resource.name, resource.inputs):
            case None:
                reason = f"nothing is known of what type {resource.type} is billed for"
                unpriced.append(NotPriced(resource=label, reason=reason))
            case Free(reason=reason):
                free[label] = reason
            case Unknown(reason=reason):
                unpriced.append(NotPriced(resource=label, reason=reason))
            case billed:
                charges += [(label, charge) for charge in billed]
    lines = list(_priced(charges, model, book, unpriced))
    words = [line.price.confidence_on(today) for line in lines if line.usd.high]
    return Estimate(
        region=model.region,
        book=book.day,
        lines=lines,
        unpriced=unpriced,
        free=free,
        assumptions=dict(model.assumptions),
        confidence=weakest(words),
    )


def _priced(
    charges: Iterable[tuple[str, Charge]],
    model: CostModel,
    book: PriceBook,
    unpriced: list[NotPriced],
) -> Iterator[Line]:
    own = {(price.service, price.sku): price for price in model.own_prices}
    used: defaultdict[tuple[str, str], Range] = defaultdict(lambda: NOTHING)
    for resource, charge in charges:
        sku = (charge.service, charge.sku)
        try:
            price = own.get(sku) or book.find(model.provider, *sku, model.region)
        except Unpriced as error:
            unpriced.append(NotPriced(resource=resource or charge.what, reason=str(error)))
            continue
        if price.unit != charge.unit:
            message = (
                f"{charge.what} is billed by {charge.unit}, and the price of {charge.sku} is by"
            )
            raise PilothouseError(f"{message} {price.unit}")
        assumed = model.assumptions[charge.usage].value if charge.usage else None
        quantity = (assumed or Range.exactly(Decimal(1))) * charge.quantity
        before, used[sku] = used[sku], used[sku] + quantity
        yield Line(
            resource=resource,
            charge=charge,
            price=price,
            quantity=quantity,
            usd=_difference(price, before, used[sku]),
        )


def _difference(price: Price, before: Range, after: Range) -> Range:
    """What the units from `before` to `after` cost: free ones and tiers are an account's, once."""
    return Range(
        low=price.amount(after.low) - price.amount(before.low),
        expected=price.amount(after.expected) - price.amount(before.expected),
        high=price.amount(after.high) - price.amount(before.high),
    )
