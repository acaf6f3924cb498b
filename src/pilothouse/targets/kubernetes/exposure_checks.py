"""Whether a cluster can serve a public platform's consoles, and nobody else serves their hosts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pilothouse.contract import Check
from pilothouse.errors import PilothouseError
from pilothouse.targets.kubernetes.hosts import GATEWAY_API, LABELS, public_host
from pilothouse.targets.kubernetes.names import namespace_of

if TYPE_CHECKING:
    from pilothouse.plan import Plan
    from pilothouse.targets.kubernetes.cluster import Cluster
    from pilothouse.targets.kubernetes.exposure_settings import GatewaySettings, IngressSettings

WHERE = "under `exposure` of `pilothouse:kubernetes` in the stack file"
SECURE = ("HTTPS", "TLS")


def checks(plan: Plan, cluster: Cluster) -> list[Check]:
    """What serves the consoles, and that their hosts are free; nothing on a private platform."""
    exposure = plan.settings.exposure
    if not plan.platform.access.host:
        return []
    by_ingress = exposure.ingress is not None
    served = _class(exposure.ingress, cluster) if by_ingress else _gateway(plan, cluster)
    return [served, _hosts(plan, cluster, by_ingress=by_ingress)]


def needed(plan: Plan) -> list[tuple[str, str]]:
    """API group and resource of what is made to serve them."""
    if not plan.platform.access.host:
        return []
    if plan.settings.exposure.ingress:
        return [("networking.k8s.io", "ingresses")]
    return [(GATEWAY_API.partition("/")[0], "httproutes")]


def _class(wanted: IngressSettings, cluster: Cluster) -> Check:
    found = cluster.find(cluster.networking.list_ingress_class).items
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
    found = _custom(cluster, "gateways", name=wanted.name, namespace=wanted.namespace)
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


def _hosts(plan: Plan, cluster: Cluster, *, by_ingress: bool) -> Check:
    ours = {public_host(plan, component) for component in LABELS}
    try:
        found = _ingresses(cluster) if by_ingress else _routes(cluster)
        taken = [
            f"{host} by {namespace}/{name}"
            for host, namespace, name in found
            if host in ours and namespace != namespace_of(plan)
        ]
        detail = f"taken: {', '.join(taken)}" if taken else f"free: {', '.join(sorted(ours))}"
    except PilothouseError as error:
        taken, detail = ["unknown"], f"can't be looked for: {error}"
    return Check(
        name="hosts",
        ok=not taken,
        detail=detail,
        remedy="choose another `access.host` in platform.yaml, or remove what serves it",
    )


def _ingresses(cluster: Cluster) -> Iterator[tuple[str, str, str]]:
    for each in cluster.find(cluster.networking.list_ingress_for_all_namespaces).items:
        for rule in each.spec.rules or ():
            yield rule.host, each.metadata.namespace, each.metadata.name


def _routes(cluster: Cluster) -> Iterator[tuple[str, str, str]]:
    for each in (_custom(cluster, "httproutes") or {"items": ()})["items"]:
        for host in each["spec"].get("hostnames", ()):
            yield host, each["metadata"]["namespace"], each["metadata"]["name"]


def _custom(cluster: Cluster, plural: str, **one: str) -> Any:
    """Objects of the Gateway API, or the one that is named; None where there is none."""
    api = cluster.custom
    call = api.get_namespaced_custom_object if one else api.list_cluster_custom_object
    group, _, version = GATEWAY_API.partition("/")
    return cluster.find(call, group=group, version=version, plural=plural, **one)
