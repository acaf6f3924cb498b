"""What a cluster's objects are billed for: the requests of pods, and volumes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from pilothouse.config.quantities import parse_cpu, parse_memory
from pilothouse.cost.charges import HOURS, Charge, Free

SERVICE = "cluster"
CPU, MEMORY, VOLUME, LOAD_BALANCER = "cpu", "memory", "volume", "load-balancer"
UNITS: Mapping[str, str] = {
    CPU: "core-hour",
    MEMORY: "GiB-hour",
    VOLUME: "GiB-month",
    LOAD_BALANCER: "hour",
}
MILLICORES = 1000
MIB_OF_A_GIB = 1024
_RUNNING = ("Deployment", "StatefulSet")
_ENDING = ("CronJob", "Job", "Pod")


def billing(type_: str, inputs: Mapping[str, Any]) -> Sequence[Charge] | Free:
    """What an object of this type is billed for."""
    kind = type_.rpartition(":")[2]
    if kind in _RUNNING:
        spec = inputs["spec"]
        return list(_requests(spec["template"]["spec"], Decimal(spec.get("replicas", 1)) * HOURS))
    if kind in _ENDING:
        return Free(reason="its pods end; stepHours counts them")
    if kind == "PersistentVolumeClaim":
        storage = parse_memory(inputs["spec"]["resources"]["requests"]["storage"])
        return [_charge(VOLUME, Decimal(storage) / MIB_OF_A_GIB)]
    if kind == "Service" and inputs["spec"].get("type") == "LoadBalancer":
        return [_charge(LOAD_BALANCER, HOURS)]
    return Free(reason="an object of the cluster's API is not billed")


def steps(pods: Sequence[tuple[Decimal, Decimal]]) -> Sequence[Charge]:
    """What is billed for pods of runs, which have cores and GiB: they share the hours evenly."""
    share = Decimal(1) / len(pods)
    cpu, memory = (sum(amounts, Decimal(0)) * share for amounts in zip(*pods, strict=True))
    return [
        _charge(CPU, cpu, usage="stepHours", what="cores of runs"),
        _charge(MEMORY, memory, usage="stepHours", what="memory of runs"),
    ]


def _requests(pod: Mapping[str, Any], hours: Decimal) -> Iterable[Charge]:
    """What a node keeps free for a pod: for its containers, or for the largest that runs first."""
    for sku, parse, parts in ((CPU, parse_cpu, MILLICORES), (MEMORY, parse_memory, MIB_OF_A_GIB)):
        together, first = (
            [parse(requests[sku]) for requests in _all_requests(pod, key) if sku in requests]
            for key in ("containers", "initContainers")
        )
        amount = Decimal(max(sum(together), *first, 0)) / parts
        yield replace(_charge(sku, amount * hours), ends_in_pause=True)


def _all_requests(pod: Mapping[str, Any], key: str) -> list[Mapping[str, str]]:
    return [each.get("resources", {}).get("requests", {}) for each in pod.get(key) or ()]


def _charge(sku: str, quantity: Decimal, *, usage: str = "", what: str = "") -> Charge:
    return Charge(
        what=what or sku.replace("-", " "),
        service=SERVICE,
        sku=sku,
        unit=UNITS[sku],
        quantity=quantity,
        usage=usage,
    )
