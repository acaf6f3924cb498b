"""Whether a cluster can serve a public platform's consoles, and nobody else serves their hosts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from pilothouse.targets.interface import Check
from pilothouse.targets.kubernetes.naming import namespace_of
from pilothouse.targets.kubernetes.objects.resource_kinds import GATEWAY_VERSION, HTTP_ROUTE
from pilothouse.targets.kubernetes.settings.hosts import LABELS, public_host

if TYPE_CHECKING:
    from pilothouse.plan import Plan
    from pilothouse.targets.kubernetes.clients.cluster import Cluster
    from pilothouse.targets.kubernetes.settings.exposure import GatewaySettings, IngressSettings

WHERE = "under `exposure` of `pilothouse:kubernetes` in the stack file"
_KIND = {"group": HTTP_ROUTE.group, "version": GATEWAY_VERSION}
SECURE = ("HTTPS", "TLS")


def looks(plan: Plan, cluster: Cluster) -> Iterator[tuple[str, Callable[[], Check]]]:
    """By name: what serves the consoles, and that their hosts are free; a private platform none."""
    exposure = plan.settings.exposure
    if not plan.platform.access.host:
        return
    if exposure.ingress:
        yield "ingress class", lambda: _class(exposure.ingress, cluster)
        yield "hosts", lambda: _hosts(plan, _ingresses(cluster))
    else:
        yield "gateway", lambda: _gateway(plan, cluster)
        yield "hosts", lambda: _hosts(plan, _routes(cluster))


def _class(wanted: IngressSettings, cluster: Cluster) -> Check:
    found = cluster.listed(cluster.networking.list_ingress_class)
    names = [each.metadata.name for each in found]
    return Check(
        name="ingress class",
        ok=wanted.class_name in names,
        detail=f"{wanted.class_name}; there are: {', '.join(names) or 'none'}",
        remedy=f"name one as `ingress.className` {WHERE}, or install an ingress controller",
    )


def _gateway(plan: Plan, cluster: Cluster) -> Check:
    wanted = plan.settings.exposure.gateway
    problem = _amiss(wanted, cluster, foreign=wanted.namespace != namespace_of(plan))
    return Check(
        name="gateway",
        ok=not problem,
        detail=f"{wanted.namespace}/{wanted.name}: {problem or wanted.section_name}",
        remedy=f"name one, and its listener, as `gateway` {WHERE}",
    )


def _amiss(wanted: GatewaySettings, cluster: Cluster, *, foreign: bool) -> str:
    """What is wrong with the listener that is wanted; empty if nothing is."""
    read = cluster.custom.get_namespaced_custom_object
    where = {"namespace": wanted.namespace, "plural": "gateways", "name": wanted.name}
    found = cluster.find(read, **_KIND, **where)
    if found is None:
        return "no such Gateway, or no Gateway API, in this cluster"
    listeners = {each["name"]: each for each in found["spec"]["listeners"]}
    listener = listeners.get(wanted.section_name)
    if listener is None:
        return f"no listener {wanted.section_name}; there are: {', '.join(listeners)}"
    if listener["protocol"] not in SECURE or _passes_through(listener):
        return f"listener {wanted.section_name} does not end TLS ({listener['protocol']})"
    allowed = listener.get("allowedRoutes", {}).get("namespaces", {}).get("from", "Same")
    if foreign and allowed == "Same":
        return f"listener {wanted.section_name} takes routes of its own namespace only"
    return ""


def _passes_through(listener: Any) -> bool:
    return bool(listener.get("tls", {}).get("mode") == "Passthrough")


def _hosts(plan: Plan, served: Iterable[tuple[str, str, str]]) -> Check:
    ours = {public_host(plan, component) for component in LABELS}
    taken = [
        f"{host} by {namespace}/{name}"
        for host, namespace, name in served
        if host in ours and namespace != namespace_of(plan)
    ]
    return Check(
        name="hosts",
        ok=not taken,
        detail=f"taken: {', '.join(taken)}" if taken else f"free: {', '.join(sorted(ours))}",
        remedy="choose another `access.host` in platform.yaml, or remove what serves it",
    )


def _ingresses(cluster: Cluster) -> Iterator[tuple[str, str, str]]:
    for each in cluster.listed(cluster.networking.list_ingress_for_all_namespaces):
        for rule in each.spec.rules or ():
            yield rule.host, each.metadata.namespace, each.metadata.name


def _routes(cluster: Cluster) -> Iterator[tuple[str, str, str]]:
    listed = cluster.custom.list_cluster_custom_object
    for each in cluster.listed(listed, **_KIND, plural=HTTP_ROUTE.plural):
        for host in each["spec"].get("hostnames", ()):
            yield host, each["metadata"]["namespace"], each["metadata"]["name"]
