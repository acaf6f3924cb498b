"""How costs are shown: tables and totals for people, a document for programs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from rich.markup import escape
from rich.table import Table

from pilothouse.config.platform_spec import Pilot
from pilothouse.cost.delta import Delta
from pilothouse.cost.estimate import Estimate, Line, NotPriced
from pilothouse.cost.usage import NOTHING, Range
from pilothouse.lifecycle.costs import Costs
from pilothouse.lifecycle.report import Report

DAYS_OF_A_YEAR = Decimal(365)


def show_lines(report: Report, costs: Costs, pilot: Pilot, today: date) -> None:
    """Each line of the estimate by service, what it assumes, and the totals."""
    estimate = costs.proposed
    if estimate.lines:
        report.console.print(_table(estimate))
    for assumption in estimate.assumptions.values():
        if any(line.charge.usage == assumption.name for line in estimate.lines):
            origin = "yours" if assumption.is_own else "default"
            value = f"{_range(assumption.value)} {assumption.unit}"
            report.say(f"assumed {assumption.name}: {value} ({origin}): {assumption.meaning}")
    show_totals(report, costs, pilot, today)


def show_totals(report: Report, costs: Costs, pilot: Pilot, today: date) -> None:
    """What a month costs, what the change adds, what has no price, and what is left to spend."""
    estimate = costs.proposed
    for line in _totals(estimate, pilot, today):
        report.say(line)
    if costs.delta:
        report.say(_change(costs.delta))
    report.warnings(_not_priced(estimate.unpriced))
    if warning := over_budget(estimate, pilot):
        report.warnings([warning])


def over_budget(estimate: Estimate, pilot: Pilot) -> str:
    """What is wrong with the budget for what a month is expected to cost; empty if it suffices."""
    expected = estimate.monthly.expected
    if expected <= Decimal(str(pilot.monthly_budget)):
        return ""
    least = "" if estimate.is_complete else "at least "
    return (
        f"a month is expected to cost {least}{_usd(expected)}, more than pilot.monthlyBudget "
        f"({_usd(Decimal(str(pilot.monthly_budget)))})"
    )


def document(costs: Costs, pilot: Pilot) -> dict[str, Any]:
    """The costs as JSON has them, in US dollars."""
    proposed, delta = costs.proposed, costs.delta
    return {
        "currency": "USD",
        "region": proposed.region,
        "price_book": proposed.book.isoformat(),
        "confidence": proposed.confidence,
        "monthly_budget": pilot.monthly_budget,
        "prior": sums(costs.prior) if costs.prior else None,
        "proposed": sums(proposed),
        "delta": _delta_document(delta) if delta else None,
        "lines": [_line_document(line) for line in proposed.lines],
        "unpriced": [vars(each) for each in proposed.unpriced],
        "free": dict(proposed.free),
        "assumptions": {
            name: {
                "unit": assumed.unit,
                "meaning": assumed.meaning,
                "source": "yours" if assumed.is_own else "default",
                **_range_document(assumed.value),
            }
            for name, assumed in proposed.assumptions.items()
        },
    }


def _table(estimate: Estimate) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("service", "billed for", "a month", "US$"):
        table.add_column(title, justify="left" if title in ("service", "billed for") else "right")
    for service, lines in estimate.by_service().items():
        first = service
        for what, quantity, unit, usd in _grouped(lines):
            table.add_row(
                first, escape(what), f"{_range(quantity)} {unit}", _range(usd, cents=True)
            )
            first = ""
    return table


def _grouped(lines: Sequence[Line]) -> Iterator[tuple[str, Range, str, Range]]:
    """Lines of one kind as one, such as those of several endpoints."""
    groups: defaultdict[tuple[str, str, str], list[Line]] = defaultdict(list)
    for line in lines:
        groups[line.charge.what, line.charge.unit, line.charge.kind].append(line)
    for (what, unit, _kind), alike in groups.items():
        count = f" ({len(alike)})" if len(alike) > 1 else ""
        quantity = sum((line.quantity for line in alike), NOTHING)
        yield f"{what}{count}", quantity, unit, sum((line.usd for line in alike), NOTHING)


def _totals(estimate: Estimate, pilot: Pilot, today: date) -> Iterator[str]:
    if not estimate.lines:
        yield f"estimated cost: {_why_nothing(estimate)}"
        return
    least = "" if estimate.is_complete else "at least "
    usage = estimate.total("usage")
    yield (
        f"estimated cost: {least}{_usd(estimate.monthly.expected)} a month "
        f"({_usd(estimate.fixed)} fixed, {_range(usage, cents=True)} by usage)"
    )
    if once := estimate.total("once").expected:
        yield f"once: {_usd(once)}"
    days = max((pilot.expires - today).days, 0)
    left = estimate.monthly.expected * 12 * days / DAYS_OF_A_YEAR
    yield f"until {pilot.expires} ({days} days): {least}{_usd(left)}"
    where = f" for {estimate.region}" if estimate.region else ""
    if estimate.confidence and estimate.confidence != "yours":
        weakest = f"the weakest is {estimate.confidence}"
        yield f"list prices of {estimate.book}{where}, without taxes; {weakest}"


def _why_nothing(estimate: Estimate) -> str:
    if estimate.unpriced:
        return "nothing that is billed has a price"
    reasons = dict.fromkeys(estimate.free.values())
    return f"nothing is billed{f': {next(iter(reasons))}' if len(reasons) == 1 else ''}"


def _change(delta: Delta) -> str:
    if not delta.lines and delta.monthly is not None:
        return "this change costs nothing more"
    parts = [
        f"{line.change} {line.what} {line.resource}".rstrip() + f" {_signed(line.difference)}"
        for line in delta.lines
    ]
    known = "not known" if delta.monthly is None else f"{_signed(delta.monthly)} a month"
    return f"this change: {known}{' — ' if parts else ''}{'; '.join(parts)}"


def _not_priced(unpriced: Sequence[NotPriced]) -> Iterator[str]:
    """A line for each reason, with what it is said of."""
    by_reason: defaultdict[str, list[str]] = defaultdict(list)
    for each in unpriced:
        by_reason[each.reason].append(each.resource)
    for reason, resources in by_reason.items():
        yield f"not priced: {', '.join(resources)}: {reason}"


def _usd(amount: Decimal) -> str:
    return f"${amount:,.2f}"


def _signed(amount: Decimal) -> str:
    return f"{'-' if amount < 0 else '+'}{_usd(abs(amount))}"


def _range(value: Range, *, cents: bool = False) -> str:
    """A quantity or an amount; with its least and its most where they differ."""

    def shown(number: Decimal) -> str:
        return f"{number:,.2f}" if cents else f"{round(number, 2).normalize():,f}"

    if value.low == value.high:
        return shown(value.expected)
    return f"{shown(value.expected)} ({shown(value.low)} to {shown(value.high)})"


def sums(estimate: Estimate) -> dict[str, Any]:
    """The sums of an estimate as JSON has them."""
    return {
        "fixed": _number(estimate.fixed),
        "usage": _range_document(estimate.total("usage")),
        "once": _number(estimate.total("once").expected),
        "monthly": _range_document(estimate.monthly),
        "is_complete": estimate.is_complete,
    }


def _delta_document(delta: Delta) -> dict[str, Any]:
    return {
        "monthly": None if delta.monthly is None else _number(delta.monthly),
        "lines": [
            {
                "change": line.change,
                "what": line.what,
                "resource": line.resource,
                "prior": _number(line.prior),
                "proposed": _number(line.proposed),
            }
            for line in delta.lines
        ],
    }


def _line_document(line: Line) -> Mapping[str, Any]:
    price = line.price
    return {
        "resource": line.resource,
        "what": line.charge.what,
        "kind": line.charge.kind,
        "service": price.service,
        "sku": price.sku,
        "unit": price.unit,
        "quantity": _range_document(line.quantity),
        "usd": _range_document(line.usd),
        "usage": line.charge.usage,
        "confidence": price.confidence,
        "effective": price.effective.isoformat() if price.effective else "",
        "source": price.source,
    }


def _range_document(value: Range) -> dict[str, float]:
    return {
        "low": _number(value.low),
        "expected": _number(value.expected),
        "high": _number(value.high),
    }


def _number(amount: Decimal) -> float:
    return float(round(amount, 6))
