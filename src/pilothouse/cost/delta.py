"""What a change costs: two estimates of a stack, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from pilothouse.cost.estimate import Estimate, Line

Change = Literal["added", "removed", "changed"]


@dataclass(frozen=True, kw_only=True)
class ChangedLine:
    """A line that costs another amount; US dollars a month as expected, or once."""

    change: Change
    what: str
    resource: str
    prior: Decimal
    proposed: Decimal

    @property
    def difference(self) -> Decimal:
        """How much more it costs."""
        return self.proposed - self.prior


@dataclass(frozen=True, kw_only=True)
class Delta:
    """The lines that differ, and the difference of a month.

    monthly: None where something has no price on one side alone: it is not known then.
    """

    lines: Sequence[ChangedLine]
    monthly: Decimal | None


def compare(prior: Estimate, proposed: Estimate) -> Delta:
    """What `proposed` costs more than `prior`."""
    unpriced = [{each.resource for each in side.unpriced} for side in (prior, proposed)]
    known = unpriced[0] == unpriced[1]
    return Delta(
        lines=list(_differences(_by_key(prior), _by_key(proposed))),
        monthly=proposed.monthly.expected - prior.monthly.expected if known else None,
    )


def _by_key(estimate: Estimate) -> dict[tuple[str, str, str], Line]:
    return {line.key: line for line in estimate.lines}


def _differences(
    prior: dict[tuple[str, str, str], Line], proposed: dict[tuple[str, str, str], Line]
) -> Iterator[ChangedLine]:
    for key in sorted(prior.keys() | proposed.keys()):
        old, new = prior.get(key), proposed.get(key)
        before = old.usd.expected if old else Decimal(0)
        after = new.usd.expected if new else Decimal(0)
        line = new or old
        if line is None or (before == after and old and new):
            continue
        change: Change = "changed" if old and new else "added" if new else "removed"
        yield ChangedLine(
            change=change,
            what=line.charge.what,
            resource=line.resource,
            prior=before,
            proposed=after,
        )
