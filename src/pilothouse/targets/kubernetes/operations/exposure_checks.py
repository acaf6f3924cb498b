"""Checks that a cluster can expose a public platform's consoles, and that their hosts are free."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from pilothouse.targets.interface import Check
from pilothouse.targets.kubernetes.clients.kinds import GATEWAY, HTTP_ROUTE, INGRESS, INGRESS_CLASS
from pilothouse.targets.kubernetes.naming import namespace_of
from pilothouse.targets.kubernetes.objects.public_hosts import CONSOLES, public_host

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.clients.cluster import Cluster
    from pilothouse.targets.kubernetes.settings.exposure import GatewaySettings, IngressSettings
    from pilothouse.targets.kubernetes.settings.target import KubernetesPlan

PLACE = "under `exposure` of `pilothouse:kubernetes` in the stack file"
TLS_PROTOCOLS = ("HTTPS", "TLS")


def exposure_checks(
    plan: KubernetesPlan, cluster: Cluster
) -> Iterator[tuple[str, Callable[[], Check]]]:
    """The checks by name; none for a private platform."""
    exposure = plan.settings.exposure
    if not plan.platform.access.host or not exposure:
        return
    ingress, gateway = exposure.ingress, exposure.gateway
    if ingress:
        yield "ingress class", lambda: _check_ingress_class(ingress, cluster)
        yield "hosts", lambda: _check_hosts(plan, _ingress_hosts(cluster))
    elif gateway:
        yield "gateway", lambda: _check_gateway(gateway, plan, cluster)
        yield "hosts", lambda: _check_hosts(plan, _route_hosts(cluster))


def _check_ingress_class(settings: IngressSettings, cluster: Cluster) -> Check:
    names = [item.metadata.name for item in cluster.list_objects(INGRESS_CLASS)]
    return Check(
        name="ingress class",
        ok=settings.class_name in names,
        detail=f"{settings.class_name}; there are: {', '.join(names) or 'none'}",
        remedy=f"name one as `ingress.className` {PLACE}, or install an ingress controller",
    )


def _check_gateway(settings: GatewaySettings, plan: KubernetesPlan, cluster: Cluster) -> Check:
    foreign = settings.namespace != namespace_of(plan)
    problem = _listener_problem(settings, cluster, foreign=foreign)
    return Check(
        name="gateway",
        ok=not problem,
        detail=f"{settings.namespace}/{settings.name}: {problem or settings.section_name}",
        remedy=f"name one, and its listener, as `gateway` {PLACE}",
    )


def _listener_problem(settings: GatewaySettings, cluster: Cluster, *, foreign: bool) -> str:
    """What is wrong with the listener that the settings name; empty if nothing is."""
    gateway = cluster.get(GATEWAY, settings.name, settings.namespace)
    if gateway is None:
        return "no such Gateway, or no Gateway API, in this cluster"
    listeners = {item["name"]: item for item in gateway.to_dict()["spec"]["listeners"]}
    listener = listeners.get(settings.section_name)
    if listener is None:
        return f"no listener {settings.section_name}; there are: {', '.join(listeners)}"
    if listener["protocol"] not in TLS_PROTOCOLS or _passes_through(listener):
        return f"listener {settings.section_name} does not terminate TLS ({listener['protocol']})"
    allowed = listener.get("allowedRoutes", {}).get("namespaces", {}).get("from", "Same")
    if foreign and allowed == "Same":
        return f"listener {settings.section_name} takes routes of its own namespace only"
    return ""


def _passes_through(listener: Any) -> bool:
    return bool(listener.get("tls", {}).get("mode") == "Passthrough")


def _check_hosts(plan: KubernetesPlan, hosts: Iterable[tuple[str, str, str]]) -> Check:
    required = {public_host(plan, component) for component in CONSOLES}
    taken = [
        f"{host} by {namespace}/{name}"
        for host, namespace, name in hosts
        if host in required and namespace != namespace_of(plan)
    ]
    return Check(
        name="hosts",
        ok=not taken,
        detail=f"taken: {', '.join(taken)}" if taken else f"free: {', '.join(sorted(required))}",
        remedy="choose another `access.host` in platform.yaml, or other `hosts` "
        f"{PLACE}, or remove what serves them",
    )


def _ingress_hosts(cluster: Cluster) -> Iterator[tuple[str, str, str]]:
    """Every host of an Ingress, with the namespace and the name of the Ingress."""
    for ingress in cluster.list_objects(INGRESS):
        for rule in ingress.spec.rules or ():
            yield rule.host, ingress.metadata.namespace, ingress.metadata.name


def _route_hosts(cluster: Cluster) -> Iterator[tuple[str, str, str]]:
    """Every host of an HTTPRoute, with the namespace and the name of the route."""
    for route in cluster.list_objects(HTTP_ROUTE):
        for host in route.spec.hostnames or ():
            yield host, route.metadata.namespace, route.metadata.name
