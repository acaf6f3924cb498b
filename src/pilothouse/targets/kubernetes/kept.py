"""What is in a namespace that keeps data, beside them: nothing of it may stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pilothouse.contract import Leftover
from pilothouse.targets.kubernetes.names import namespace_of, selector

if TYPE_CHECKING:
    from pilothouse.plan import Plan
    from pilothouse.targets.kubernetes.cluster import Cluster

KINDS: Mapping[str, tuple[str, ...]] = {
    "AppsV1Api": ("deployment", "stateful_set"),
    "AutoscalingV2Api": ("horizontal_pod_autoscaler",),
    "BatchV1Api": ("cron_job", "job"),
    "CoreV1Api": (
        "config_map",
        "limit_range",
        "pod",
        "resource_quota",
        "secret",
        "service",
        "service_account",
    ),
    "NetworkingV1Api": ("ingress", "network_policy"),
    "PolicyV1Api": ("pod_disruption_budget",),
    "RbacAuthorizationV1Api": ("role", "role_binding"),
}
"""Every kind that a stack has in its namespace, but for claims of volumes, by the client's API."""


def sweep(cluster: Cluster, plan: Plan) -> bool:
    """Delete every object of the stack that keeps no data; whether there was any."""
    found = list(_objects(cluster, plan))
    for api, kind, name in found:
        delete = getattr(api, f"delete_namespaced_{kind}")
        cluster.find(delete, name, namespace_of(plan), propagation_policy="Background")
    return bool(found)


def others(cluster: Cluster, plan: Plan) -> Iterator[Leftover]:
    """Every object of the stack that keeps no data."""
    for _, kind, name in _objects(cluster, plan):
        words = kind.replace("_", " ")
        yield Leftover(kind="object", name=f"{words} {name}", verdict="present")


def _objects(cluster: Cluster, plan: Plan) -> Iterator[tuple[Any, str, str]]:
    """Each with the API of its kind, its kind and its name."""
    from kubernetes import client

    for group, kinds in KINDS.items():
        api = getattr(client, group)(cluster.client)
        for kind in kinds:
            call = getattr(api, f"list_namespaced_{kind}")
            found = cluster.find(call, namespace_of(plan), label_selector=selector(plan))
            yield from ((api, kind, item.metadata.name) for item in found.items)
