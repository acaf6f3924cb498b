"""Prices by a rule from another one, where no source had them: always marked as derived.

The rules hold for every published rate that was compared: SageMaker's machines for 54 rates within
0.6 %, Vertex AI's for the one rate that Google publishes with both parts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from pilothouse.cost.price import Key, Price

_GPU_FAMILIES = ("g4dn", "g5", "g6", "g6e", "p3", "p4d", "p4de", "p5")
_VOLUMES = ("ml-volume-training", "ml-volume-processing")


@dataclass(frozen=True, kw_only=True)
class _Base:
    """The price of `sku` of the same provider, of which another one is `factor` times."""

    service: str
    sku: str
    factor: Decimal


def find(prices: Mapping[Key, Price], key: Key) -> Price | None:
    """The price of `key` by a rule; None where there is no rule, or not what it starts from."""
    provider, service, sku, region = key
    rule = _RULES.get((provider, service))
    base = rule(sku) if rule else None
    found = prices.get((provider, base.service, base.sku, region)) if base else None
    if base is None or found is None:
        return None
    factor = base.factor
    return replace(
        found,
        service=service,
        sku=sku,
        tiers=[replace(tier, usd=tier.usd * factor) for tier in found.tiers],
        confidence="derived",
        source=f"{base.service} {base.sku} x {factor}: {found.source}",
        description=f"{sku}, by a rule from {base.sku}",
    )


def _sagemaker(sku: str) -> _Base | None:
    if sku in _VOLUMES:
        return _Base(service="ebs", sku="ebs-gp2", factor=Decimal("1.4"))
    prefix, _, machine = sku.partition(".")
    if prefix != "ml":
        return None
    family, _, size = machine.partition(".")
    factor = "1.2"
    if family in _GPU_FAMILIES:
        factor = "1.4" if size == "xlarge" else "1.25"
    return _Base(service="ec2", sku=machine, factor=Decimal(factor))


def _vertex(sku: str) -> _Base:
    return _Base(service="compute-engine", sku=sku, factor=Decimal("1.15"))


_RULES: Mapping[tuple[str, str], Callable[[str], _Base | None]] = {
    ("aws", "sagemaker"): _sagemaker,
    ("gcp", "vertex-training"): _vertex,
}
