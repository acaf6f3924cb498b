"""The NetworkPolicies of a stack: all traffic is denied but for what each component needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pilothouse.targets.kubernetes.naming import COMPONENT_LABEL
from pilothouse.targets.kubernetes.settings.component_table import (
    CONSOLES,
    KUBERNETES_API_CLIENTS,
    METRICS_PORT,
    PORTS,
    POSTGRES,
    SEAWEEDFS,
    STATSD,
    port_of,
)

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.settings.target import KubernetesSettings

DENY_ALL = "default-deny"

Connections = Mapping[str, tuple[str, ...]]
"""The servers that each client connects to."""


@dataclass(frozen=True)
class Policy:
    """The name and the `spec` of a NetworkPolicy."""

    name: str
    spec: dict[str, Any]


def policies(
    settings: KubernetesSettings, *, public: bool = False, dags_in_bucket: bool = False
) -> list[Policy]:
    """One policy that denies all traffic, then one for each component.

    On a public platform the ingress or gateway controller reaches the consoles.
    """
    deny = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    names = settings.component_names()
    allowed = settings.allowed_connections(dags_in_bucket=dags_in_bucket)
    return [
        Policy(DENY_ALL, deny),
        *(Policy(name, _spec(name, settings, allowed, public=public)) for name in names),
    ]


def _spec(
    component: str, settings: KubernetesSettings, allowed: Connections, *, public: bool
) -> dict[str, Any]:
    return {
        "podSelector": {"matchLabels": {COMPONENT_LABEL: component}},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [
            *_ingress(component, settings, allowed),
            *(_public_ingress(component, settings) if public else ()),
        ],
        "egress": list(_egress(component, settings, allowed)),
    }


def _ingress(
    server: str, settings: KubernetesSettings, allowed: Connections
) -> Iterator[dict[str, Any]]:
    clients = sorted(client for client, servers in allowed.items() if server in servers)
    if clients:
        peers = [{"podSelector": {"matchLabels": {COMPONENT_LABEL: client}}} for client in clients]
        yield {"from": peers, "ports": [server_port(server)]}
    if settings.statsd and server == STATSD:
        yield {"from": [settings.statsd.scraper.manifest()], "ports": [_port(METRICS_PORT)]}


def _public_ingress(console: str, settings: KubernetesSettings) -> Iterator[dict[str, Any]]:
    if settings.exposure and console in CONSOLES:
        peer = settings.exposure.controller.manifest()
        yield {"from": [peer], "ports": [_port(PORTS[console])]}


def _egress(
    client: str, settings: KubernetesSettings, allowed: Connections
) -> Iterator[dict[str, Any]]:
    servers = allowed.get(client, ())
    destinations = settings.egress_of(client)
    if servers or destinations:
        yield _to_dns(settings)
    for server in servers:
        yield from _to_server(server, settings)
    if client in KUBERNETES_API_CLIENTS:
        yield _to_kubernetes_api(settings)
    for destination in destinations:
        yield _to_network(destination.cidr, destination.port)


def _to_server(server: str, settings: KubernetesSettings) -> Iterator[dict[str, Any]]:
    if server == POSTGRES and settings.database:
        yield _to_network(settings.database.cidr, settings.database.port)
    elif server == SEAWEEDFS and settings.object_store:
        for network, port in settings.object_store.destinations:
            yield _to_network(network, port)
    else:
        peer = {"podSelector": {"matchLabels": {COMPONENT_LABEL: server}}}
        yield {"to": [peer], "ports": [server_port(server)]}


def _to_dns(settings: KubernetesSettings) -> dict[str, Any]:
    dns = settings.cluster_dns
    peer = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": dns.namespace}},
        "podSelector": {"matchLabels": dict(dns.pod_labels)},
    }
    return {"to": [peer], "ports": [_port(dns.port, "UDP"), _port(dns.port)]}


def _to_kubernetes_api(settings: KubernetesSettings) -> dict[str, Any]:
    """Policies match the API server's own address; if it is unknown, its usual ports are open."""
    server = settings.api_server
    if server is None:
        return {"ports": [_port(443), _port(6443)]}
    return _to_network(server.cidr, server.port)


def _to_network(cidr: str, port: int) -> dict[str, Any]:
    """To a port of every address in the network; without a network, of every address."""
    peers = {"to": [{"ipBlock": {"cidr": cidr}}]} if cidr else {}
    return {**peers, "ports": [_port(port)]}


def server_port(server: str) -> dict[str, Any]:
    """The port of a server with its protocol, as policies and services name it."""
    return _port(port_of(server), "UDP" if server == STATSD else "TCP")


def _port(number: int, protocol: str = "TCP") -> dict[str, Any]:
    return {"port": number, "protocol": protocol}
