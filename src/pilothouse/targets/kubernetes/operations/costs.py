"""What a stack on Kubernetes is billed for, at the prices that its settings say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from pilothouse.cost import usage
from pilothouse.cost.charges import Billing, Charge, CostModel, Free, Unknown
from pilothouse.cost.price import Price, Tier
from pilothouse.cost.price_book import PriceBook
from pilothouse.targets.kubernetes.objects import billing
from pilothouse.targets.kubernetes.objects.sizing import resources, step_resources
from pilothouse.targets.kubernetes.settings import cost
from pilothouse.targets.kubernetes.settings.component_table import WORKLOAD
from pilothouse.targets.kubernetes.settings.cost import CostSettings, NodePrice
from pilothouse.targets.kubernetes.settings.target import KubernetesPlan

_MACHINES = {"aws": "ec2", "gcp": "compute-engine", "azure": "virtual-machines"}
_REMEDIES = {
    billing.CPU: "the price of the nodes is not known: set cost.cpuHour and cost.memoryHour, or "
    "cost.node, in the stack file",
    billing.VOLUME: "the price of volumes is not known: set cost.volumeMonth in the stack file",
    billing.LOAD_BALANCER: "the price of load balancers is not known: set cost.loadBalancerHour in "
    "the stack file",
}


def model(plan: KubernetesPlan, book: PriceBook) -> CostModel:
    """The bill of a plan: the requests of its pods, and its volumes.

    Raises Unpriced where the book has no price of the nodes that the settings name.
    """
    settings = plan.settings.cost
    own = list(_own_prices(settings, book))
    known = {price.sku for price in own}

    def billing_of(type_: str, _name: str, inputs: Mapping[str, Any]) -> Billing:
        billed = billing.billing(type_, inputs)
        if isinstance(billed, Free) or {charge.sku for charge in billed} <= known:
            return billed
        return Unknown(reason=_REMEDIES[billed[0].sku])

    return CostModel(
        provider="kubernetes",
        region=settings.node.region if settings.node else "",
        billing=billing_of,
        platform=_steps(plan) if billing.CPU in known else [],
        assumptions=usage.assume(cost.USAGE, plan.size, settings.usage),
        own_prices=own,
        has_prices=bool(own),
    )


def _steps(plan: KubernetesPlan) -> Sequence[Charge]:
    usual = resources(WORKLOAD, plan.size)
    workload = plan.platform.workload
    pods = [step_resources(usual, step.resources) for step in workload.steps] if workload else []
    return billing.steps(
        [(Decimal(pod.cpu) / 1000, Decimal(pod.memory) / 1024) for pod in pods or [usual]]
    )


def _own_prices(settings: CostSettings, book: PriceBook) -> Iterator[Price]:
    if settings.node:
        yield from _node_prices(settings.node, book)
    said = {
        billing.CPU: settings.cpu_hour,
        billing.MEMORY: settings.memory_hour,
        billing.VOLUME: settings.volume_month,
        billing.LOAD_BALANCER: settings.load_balancer_hour,
    }
    for sku, usd in said.items():
        if usd is not None:
            yield _price(sku, Decimal(str(usd)), confidence="yours", source="the stack file")


def _node_prices(node: NodePrice, book: PriceBook) -> Iterator[Price]:
    found = book.find(node.provider, _MACHINES[node.provider], node.machine, node.region)
    cores, memory = Decimal(node.cpu) / 1000, Decimal(node.memory) / 1024
    gib = found.amount(Decimal(1)) / (cores * cost.CPU_TO_MEMORY + memory)
    source = f"{node.machine} in {node.region}, shared by cores and memory: {found.source}"
    for sku, usd in ((billing.CPU, gib * cost.CPU_TO_MEMORY), (billing.MEMORY, gib)):
        price = _price(sku, usd, confidence="derived", source=source)
        yield replace(price, effective=found.effective)


def _price(sku: str, usd: Decimal, *, confidence: str, source: str) -> Price:
    return Price(
        provider="kubernetes",
        service=billing.SERVICE,
        sku=sku,
        region="",
        unit=billing.UNITS[sku],
        tiers=[Tier(usd=usd)],
        confidence=confidence,
        source=source,
    )
