"""What is in a namespace that keeps data, beside them: nothing of it may stay."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from pilothouse.targets.interface import Leftover
from pilothouse.targets.kubernetes.naming import namespace_of, selector
from pilothouse.targets.kubernetes.objects.resource_kinds import (
    CUSTOM,
    GATEWAY_VERSION,
    Kind,
    swept,
)

if TYPE_CHECKING:
    from pilothouse.plan import Plan
    from pilothouse.targets.kubernetes.clients.cluster import Cluster


def sweep(cluster: Cluster, plan: Plan) -> bool:
    """Delete every object of the stack that keeps no data; whether there was any."""
    found = list(_objects(cluster, plan))
    for kind, name in found:
        delete = _call(cluster, kind, "delete", namespace_of(plan))
        cluster.find(delete, name=name, propagation_policy="Background")
    return bool(found)


def others(cluster: Cluster, plan: Plan) -> Iterator[Leftover]:
    """Every object of the stack that keeps no data."""
    for kind, name in _objects(cluster, plan):
        yield Leftover(kind="object", name=f"{kind.words} {name}", verdict="present")


def _objects(cluster: Cluster, plan: Plan) -> Iterator[tuple[Kind, str]]:
    """Each by its kind and its name."""
    for kind in swept(plan):
        if not kind.keeps_data:
            call = _call(cluster, kind, "list", namespace_of(plan))
            found = cluster.listed(call, label_selector=selector(plan))
            yield from ((kind, _name(item)) for item in found)


def _name(item: Any) -> str:
    """Objects of an API that a cluster may lack are plain mappings."""
    return str(item["metadata"]["name"] if isinstance(item, dict) else item.metadata.name)


def _call(cluster: Cluster, kind: Kind, verb: str, namespace: str) -> Any:
    """The client's function for a verb, in the namespace."""
    from kubernetes import client

    api = getattr(client, kind.api)(cluster.client)
    if kind.api == CUSTOM:
        call = getattr(api, f"{verb}_namespaced_custom_object")
        where = {"group": kind.group, "version": GATEWAY_VERSION, "plural": kind.plural}
        return partial(call, namespace=namespace, **where)
    name = f"{verb}_namespaced_{kind.words.replace(' ', '_')}"
    return partial(getattr(api, name), namespace=namespace)
