"""What a stack on this machine is billed for: the machine, if the stack file says what it costs."""

from __future__ import annotations

from decimal import Decimal

from pilothouse.cost.charges import Charge, CostModel, Free
from pilothouse.cost.price import Price, Tier
from pilothouse.cost.price_book import PriceBook
from pilothouse.targets.local.settings.target import LocalPlan

_ON_THIS_MACHINE = "it runs on this machine; cost.monthly in the stack file says what that costs"
_SERVICE, _SKU, _UNIT = "machine", "this-machine", "month"


def model(plan: LocalPlan, _book: PriceBook) -> CostModel:
    """The bill of a plan: no resource of it is billed apart from its machine."""
    usd = plan.settings.cost.monthly
    charge = Charge(what="this machine", service=_SERVICE, sku=_SKU, unit=_UNIT)
    return CostModel(
        provider="local",
        region="",
        billing=lambda _type, _name, _inputs: Free(reason=_ON_THIS_MACHINE),
        platform=[] if usd is None else [charge],
        own_prices=[] if usd is None else [_price(Decimal(str(usd)))],
        has_prices=usd is not None,
    )


def _price(usd: Decimal) -> Price:
    return Price(
        provider="local",
        service=_SERVICE,
        sku=_SKU,
        region="",
        unit=_UNIT,
        tiers=[Tier(usd=usd)],
        confidence="yours",
        source="the stack file",
    )
