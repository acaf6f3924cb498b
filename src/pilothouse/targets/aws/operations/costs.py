"""What a stack on AWS is billed for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pilothouse.cost import usage
from pilothouse.cost.charges import Billing, CostModel, Free
from pilothouse.cost.price_book import PriceBook
from pilothouse.targets.aws.resources import TABLE, billing
from pilothouse.targets.aws.settings import cost, steps
from pilothouse.targets.aws.settings.target import AwsPlan

_RULES = {declared.type: declared.billing for declared in TABLE if declared.type}


def model(plan: AwsPlan, _book: PriceBook) -> CostModel:
    """The bill of a plan, by the declarations of its resources' types."""
    settings = plan.settings
    return CostModel(
        provider="aws",
        region=settings.region,
        billing=_billing,
        platform=billing.platform(
            steps.machines(plan), by_endpoints=settings.network.egress == "endpoints"
        ),
        assumptions=usage.assume(cost.USAGE, plan.size, settings.cost.usage),
    )


def _billing(type_: str, name: str, inputs: Mapping[str, Any]) -> Billing | None:
    if type_ == "pulumi:providers:aws":
        return Free(reason="it only configures the engine")
    rule = _RULES.get(type_)
    return rule(name, inputs) if rule else None
