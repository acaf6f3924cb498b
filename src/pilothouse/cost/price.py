"""A list price with where it is from, and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

CONFIDENCE = (
    "yours",
    "confirmed",
    "single",
    "derived",
    "assumed-same",
    "single-unverified",
    "conflict-newer-kept",
    "conflict",
    "old",
)
"""How sure a price is, from the surest word to the weakest.

yours: the stack file says it. confirmed: two sources agree. single: one source has it. derived: by
a rule from another price; its source says which. assumed-same: the rate of another region.
single-unverified: one source that was not read again. conflict, conflict-newer-kept: another source
has another price, which `second_source` says. old: older than OLD, whatever it was before.
"""

OLD = timedelta(days=400)
"""The age from which a price is as weak as one can be."""

Key = tuple[str, str, str, str]
"""Provider, service, SKU and region."""


@dataclass(frozen=True, kw_only=True)
class Tier:
    """The price of each unit from the amount `start` up to `end`; without an end if None."""

    usd: Decimal
    start: Decimal = Decimal(0)
    end: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Price:
    """What one unit of a SKU costs in a region.

    unit: such as `hour`, `GB-month` or `1000 requests`.
    tiers: by the amount a month; one where each unit costs the same.
    free: the amount a month for which nothing is billed in an account.
    effective: the date of the source; None for a price that somebody says.
    """

    provider: str
    service: str
    sku: str
    region: str
    unit: str
    tiers: Sequence[Tier]
    confidence: str
    source: str
    description: str = ""
    free: Decimal = Decimal(0)
    effective: date | None = None
    second_source: str = ""

    @property
    def key(self) -> Key:
        """What it is found by."""
        return self.provider, self.service, self.sku, self.region

    def amount(self, quantity: Decimal) -> Decimal:
        """What that many units cost in a month, the free ones and the tiers counted."""
        billed = max(quantity - self.free, Decimal(0))
        return sum((_in_tier(tier, billed) * tier.usd for tier in self.tiers), Decimal(0))

    def age(self, today: date) -> timedelta:
        """How old its source is."""
        return today - self.effective if self.effective else timedelta()

    def confidence_on(self, today: date) -> str:
        """Its word of CONFIDENCE on that day."""
        return "old" if self.age(today) > OLD else self.confidence


def _in_tier(tier: Tier, quantity: Decimal) -> Decimal:
    end = quantity if tier.end is None else min(quantity, tier.end)
    return max(end - tier.start, Decimal(0))


def weakest(words: Sequence[str]) -> str:
    """The weakest of some words of CONFIDENCE; empty if there are none."""
    return max(words, key=CONFIDENCE.index, default="")
