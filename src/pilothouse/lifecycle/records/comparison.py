"""Stacks side by side: what was measured on each, and what each costs over the horizons.

Each figure has a label: measured (by pilothouse, or noted by a person), listed (by the price book),
assumed (nobody measured it). Nothing is weighed, and nobody is ranked: the table is the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from pilothouse.advice.rules import Verdict
from pilothouse.cost.estimate import Estimate
from pilothouse.cost.usage import Range
from pilothouse.lifecycle.records.summary import Summary

HORIZONS = (12, 36)
"""Months over which the total is shown, without discounting."""

_NO_PRICES = "its files say no prices"
Label = Literal["measured", "listed", "assumed"]


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A stack that is compared.

    estimate: None where nothing of it has a price. hours: those of operations a month
    that somebody said, None where nobody did. verdicts: what the team's needs say of it. risks: in
    sentences.
    """

    stack: str
    platform: str
    target: str
    summary: Summary
    estimate: Estimate | None
    hours: Decimal | None
    verdicts: Sequence[Verdict] = ()
    risks: Sequence[str] = ()

    @property
    def hours_a_month(self) -> Decimal | None:
        """Those that somebody said, else those that were noted; None where there are neither."""
        noted = self.summary.hours_a_month
        return self.hours if noted is None or self.hours is not None else Decimal(str(noted))


@dataclass(frozen=True, kw_only=True)
class Total:
    """What a stack costs over `months`: its infrastructure, and its people's hours at the rate.

    usd: US dollars. is_complete: whether all of it has a price and all hours were said.
    """

    months: int
    infrastructure: Range
    people: Decimal
    is_complete: bool

    @property
    def usd(self) -> Range:
        """Both together."""
        return self.infrastructure + Range.exactly(self.people)


@dataclass(frozen=True, kw_only=True)
class BreakEven:
    """The hours a month that `cheaper` may take more than `dearer` until it is not cheaper."""

    cheaper: str
    dearer: str
    hours: Decimal


def totals(candidate: Candidate, rate: Decimal) -> Sequence[Total]:
    """What a stack costs over each horizon, at `rate` dollars an hour; nothing without prices."""
    estimate = candidate.estimate
    if estimate is None or not estimate.lines:
        return []
    hours = candidate.hours_a_month
    return [
        Total(
            months=months,
            infrastructure=estimate.monthly * Decimal(months) + estimate.total("once"),
            people=(hours or Decimal(0)) * rate * months,
            is_complete=estimate.is_complete and (hours is not None or not rate),
        )
        for months in HORIZONS
    ]


def break_evens(candidates: Sequence[Candidate], rate: Decimal) -> Iterator[BreakEven]:
    """For each two stacks with all prices: how many hours of people decide between them."""
    if not rate:
        return
    priced = [
        (each.estimate.monthly.expected, each.stack)
        for each in candidates
        if each.estimate and each.estimate.lines and each.estimate.is_complete
    ]
    priced.sort()
    for index, (low, cheaper) in enumerate(priced):
        for high, dearer in priced[index + 1 :]:
            yield BreakEven(cheaper=cheaper, dearer=dearer, hours=(high - low) / rate)


def rows(candidate: Candidate, rate: Decimal) -> Mapping[tuple[str, Label], str]:
    """What the table says of a stack: the text by the name of each figure and its label."""
    summary, estimate = candidate.summary, candidate.estimate
    found: dict[tuple[str, Label], str] = {
        ("set up", "measured"): _seconds(summary.set_up),
        ("repair, or up again", "measured"): _seconds(summary.repaired),
        ("from up to the first run's end", "measured"): _plain(summary.first_run),
        ("verify", "measured"): _seconds(summary.verified),
        ("run", "measured"): _seconds(summary.runs),
        ("wait for the first step", "measured"): _seconds(summary.queued),
        **{
            (f"step {name}", "measured"): _seconds(durations)
            for name, durations in summary.steps.items()
        },
        ("down, proved", "measured"): _seconds(summary.torn_down),
        ("commands that failed", "measured"): str(len(summary.failures)),
        ("hours noted", "measured"): f"{summary.hours:g} h",
    }
    rest, month = _NO_PRICES, _NO_PRICES
    if estimate:
        rest, month = (
            f"{'' if estimate.is_complete else 'at least '}{_amount(value)}"
            for value in (Range.exactly(estimate.fixed), estimate.monthly)
        )
    found["operations a month", "assumed"] = _hours(candidate)
    found["a month at rest", "listed"], found["a month with use", "assumed"] = rest, month
    for total in totals(candidate, rate):
        mark = "" if total.is_complete else "at least "
        people = ", with people" if rate else ", without people"
        name = f"{total.months} months{people}"
        found[name, "assumed"] = f"{mark}{_amount(total.usd)}"
    return found


def document(candidate: Candidate, rate: Decimal) -> dict[str, Any]:
    """What is known of a stack as JSON has it."""
    estimate = candidate.estimate
    return {
        "stack": candidate.stack,
        "platform": candidate.platform,
        "target": candidate.target,
        "measured": candidate.summary,
        "figures": [
            {"figure": name, "label": label, "text": text}
            for (name, label), text in rows(candidate, rate).items()
        ],
        "monthly": None if estimate is None else _range(estimate.monthly),
        "fixed": None if estimate is None else float(round(estimate.fixed, 2)),
        "unpriced": [] if estimate is None else [each.resource for each in estimate.unpriced],
        "needs": [vars(each) for each in candidate.verdicts],
        "risks": list(candidate.risks),
        "hours_a_month": None
        if candidate.hours_a_month is None
        else float(candidate.hours_a_month),
        "totals": [
            {
                "months": total.months,
                "infrastructure": _range(total.infrastructure),
                "people": float(total.people),
                "is_complete": total.is_complete,
            }
            for total in totals(candidate, rate)
        ],
    }


def _range(value: Range) -> dict[str, float]:
    return {
        "low": float(round(value.low, 2)),
        "expected": float(round(value.expected, 2)),
        "high": float(round(value.high, 2)),
    }


def _amount(value: Range) -> str:
    if value.low == value.high:
        return f"${value.expected:,.0f}"
    return f"${value.expected:,.0f} (${value.low:,.0f} to ${value.high:,.0f})"


def _hours(candidate: Candidate) -> str:
    if candidate.hours_a_month is None:
        return "nobody said"
    origin = "as noted" if candidate.hours is None else "as said"
    return f"{candidate.hours_a_month:,.1f} h, {origin}"


def _seconds(durations: Any) -> str:
    if durations is None:
        return "not measured"
    times = f" (of {durations.count}, at most {_plain(durations.most)})"
    return f"{_plain(durations.median)}{times if durations.count > 1 else ''}"


def _plain(seconds: float | None) -> str:
    if seconds is None:
        return "not measured"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"
