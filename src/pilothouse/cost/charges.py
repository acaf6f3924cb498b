"""What a resource is billed for, in words of the price book; targets declare it by type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, Protocol

from pilothouse.cost.price import Price
from pilothouse.cost.usage import Assumption

HOURS = Decimal(730)
"""The hours of a month, as price lists count them."""

Kind = Literal["fixed", "usage", "once"]


@dataclass(frozen=True, kw_only=True)
class Charge:
    """One thing that is billed.

    what: in words, such as `NAT gateway`. service, sku, unit: those of its price.
    quantity: how many units a month, or in all where it is billed once.
    usage: the assumption that `quantity` is multiplied by; empty where nothing is assumed.
    once: whether it is billed once, and not by the month. ends_in_pause: whether nothing is billed
    for it while the stack is paused. is_stored: whether what is used of it is what is kept, and so
    is billed while the stack is paused too.
    """

    what: str
    service: str
    sku: str
    unit: str
    quantity: Decimal = Decimal(1)
    usage: str = ""
    once: bool = False
    ends_in_pause: bool = False
    is_stored: bool = False

    @property
    def kind(self) -> Kind:
        """fixed: billed while it exists. usage: by an assumption. once: not again."""
        if self.once:
            return "once"
        return "usage" if self.usage else "fixed"

    @property
    def is_billed_in_pause(self) -> bool:
        """Whether it is billed while the stack is paused, and so used for nothing."""
        return self.is_stored or (self.kind == "fixed" and not self.ends_in_pause)


@dataclass(frozen=True, kw_only=True)
class Free:
    """Why nothing is billed for a resource itself."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """Why it cannot be said what a resource is billed for, and what to do about it."""

    reason: str


Billing = Sequence[Charge] | Free | Unknown


@dataclass(frozen=True, kw_only=True)
class CostModel:
    """What a plan's resources are billed for on its target.

    provider, region: where their prices are found in the book; no region where there is none.
    billing: what a resource is billed for, from its type, logical name and inputs; None for a type
    that nothing is known of. platform: what the platform is billed for besides its resources.
    assumptions: what usage is assumed, by name. own_prices: those that the stack file says.
    has_prices: whether anything of the target can have a price as the stack file is.
    """

    provider: str
    region: str
    billing: BillingOf
    platform: Sequence[Charge] = ()
    assumptions: Mapping[str, Assumption] = field(default_factory=dict)
    own_prices: Sequence[Price] = ()
    has_prices: bool = True


class BillingOf(Protocol):
    """Says what a resource is billed for; None for a type that nothing is known of."""

    def __call__(self, type_: str, name: str, inputs: Mapping[str, Any], /) -> Billing | None: ...
