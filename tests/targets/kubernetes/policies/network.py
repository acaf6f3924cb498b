"""Who reaches whom: NetworkPolicies evaluated on the labels of pods, and the addresses in use."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pilothouse.targets.kubernetes.naming import COMPONENT_LABEL
from pilothouse.targets.kubernetes.objects.network_policies import server_port
from pilothouse.targets.kubernetes.settings.component_table import (
    KUBERNETES_API_CLIENTS,
    OPTIONAL_PORTS,
    PORTS,
    POSTGRES,
    SEAWEEDFS,
)
from tests.targets.kubernetes.policies.manifests import Manifest, Manifests, Pod, label

SERVERS = (*PORTS, *OPTIONAL_PORTS)
Port = Mapping[str, Any]
"""A port with its protocol, as a policy has it."""
_ADDRESS = re.compile(r"(?:://|@)(?P<name>[a-z0-9-]+)\.(?P<namespace>[a-z0-9-]+)\.svc[^:]*:(\d+)")
_DATABASE = re.compile(r"postgresql\+\w+://(?P<role>\w+):[^@\s]+@[^/\s]+/(?P<name>\w+)")


def policies_select_pods(all_of: Manifests) -> Iterator[str]:
    """Every policy is about pods that there are, and every pod has one of its own."""
    narrow = [p for p in all_of.kind("NetworkPolicy") if p["spec"]["podSelector"]]
    for policy in narrow:
        if not all_of.selected(policy["spec"]["podSelector"]["matchLabels"]):
            yield f"{label(policy)} selects nothing"
    for pod in all_of.pods:
        if not any(_selects(p["spec"]["podSelector"], pod.labels) for p in narrow):
            yield f"{pod.source} has no policy of its own"


def declared_clients_get_through(all_of: Manifests) -> Iterator[str]:
    """Each client's policy lets it out to each of its servers, whose policy lets it in."""
    for client, server in _pairs(all_of, declared=True):
        port = server_port(server.labels[COMPONENT_LABEL])
        if not _may_leave(all_of, client, server, port):
            yield f"{client.source} may not leave for {server.source}"
        if not _may_enter(all_of, client, server, port):
            yield f"{client.source} may not enter {server.source}"


def nobody_else_gets_through(all_of: Manifests) -> Iterator[str]:
    """No policy lets a pod out to, or into, a server that is not declared."""
    for client, server in _pairs(all_of, declared=False):
        for port in [*map(server_port, SERVERS), {"port": 1, "protocol": "TCP"}]:
            if _may_leave(all_of, client, server, port):
                yield f"{client.source} may leave for {server.source} at {port['port']}"
            if _may_enter(all_of, client, server, port):
                yield f"{client.source} may enter {server.source} at {port['port']}"


def names_can_be_asked(all_of: Manifests) -> Iterator[str]:
    """Whoever has a server by name may ask the DNS of the cluster."""
    for pod in all_of.pods:
        if all_of.openings(pod.labels.get(COMPONENT_LABEL, "")) and not _asks_dns(all_of, pod):
            yield f"{pod.source} may not ask for names"


def the_stack_is_left_for_what_is_declared(all_of: Manifests) -> Iterator[str]:
    """Whoever calls the cluster's API, or a server outside, may leave for it and for no more."""
    for pod in all_of.pods:
        wanted = set(_outside(all_of, pod.labels.get(COMPONENT_LABEL, "")))
        found = {
            (peer.get("ipBlock", {}).get("cidr", ""), port["port"])
            for rule in rules_for(all_of, pod, "egress")
            for peer in rule.get("to") or [{}]
            if not peer or "ipBlock" in peer
            for port in rule.get("ports") or [{"port": 0}]
        }
        for cidr, port in sorted(found ^ wanted):
            may = "may" if (cidr, port) in found else "may not"
            yield f"{pod.source} {may} leave the stack for {cidr or 'anywhere'} at {port}"


def _outside(all_of: Manifests, component: str) -> Iterator[tuple[str, int]]:
    """The networks and ports outside of the stack that a component calls."""
    settings = all_of.settings
    if component in KUBERNETES_API_CLIENTS:
        server = settings.api_server
        yield from [(server.cidr, server.port)] if server else [("", 443), ("", 6443)]
    servers, database = all_of.openings(component), settings.database
    if database and POSTGRES in servers:
        yield database.cidr, database.port
    if settings.object_store and SEAWEEDFS in servers:
        yield from settings.object_store.destinations
    yield from ((each.cidr, each.port) for each in settings.egress_of(component))


def addresses_exist(all_of: Manifests) -> Iterator[str]:
    """Every address of a Service that is told to anybody is a Service's, with its port."""
    for each in all_of.objects:
        for found in _ADDRESS.finditer(json.dumps(each)):
            service = all_of.named("Service", found["name"])
            ports = [port["port"] for port in service["spec"]["ports"]] if service else []
            namespace = service["metadata"]["namespace"] if service else ""
            if int(found[3]) not in ports or namespace != found["namespace"]:
                yield f"{label(each)}: nothing is at {found[0]}"


def databases_exist(all_of: Manifests) -> Iterator[str]:
    """Every database that a URL names is made, for the role that the URL names, and is used."""
    made = _databases(all_of)
    unused = set(made)
    for each in all_of.objects:
        for found in _DATABASE.finditer(json.dumps(each)):
            pair = f"{found['role']}:{found['name']}"
            unused.discard(pair)
            if pair not in made:
                yield f"{label(each)}: {found['role']} has no database {found['name']}"
    yield from (f"nobody uses {pair}" for pair in sorted(unused))
    for role in {pair.partition(":")[0] for pair in made}:
        held = all_of.named("Secret", "postgres") or {}
        if role not in held.get("stringData", {}):
            yield f"role {role} has no password"


def _databases(all_of: Manifests) -> set[str]:
    server = all_of.named("StatefulSet", "postgres") or {}
    spec = server.get("spec", {}).get("template", {}).get("spec", {})
    variables = [v for c in spec.get("containers", []) for v in c.get("env", [])]
    return {pair for v in variables if v["name"] == "DATABASES" for pair in v["value"].split()}


def _pairs(all_of: Manifests, *, declared: bool) -> Iterator[tuple[Pod, Pod]]:
    """Clients and servers whose opening is declared, or is not."""
    servers = [pod for pod in all_of.pods if pod.labels.get(COMPONENT_LABEL) in SERVERS]
    for client in all_of.pods:
        for server in servers:
            opened = server.labels[COMPONENT_LABEL] in all_of.openings(
                client.labels.get(COMPONENT_LABEL, "")
            )
            if client is not server and opened == declared:
                yield client, server


def _may_leave(all_of: Manifests, client: Pod, server: Pod, port: Port) -> bool:
    rules = rules_for(all_of, client, "egress")
    return any(_opens(rule, "to", server.labels, port) for rule in rules)


def _may_enter(all_of: Manifests, client: Pod, server: Pod, port: Port) -> bool:
    rules = rules_for(all_of, server, "ingress")
    return any(_opens(rule, "from", client.labels, port) for rule in rules)


def rules_for(all_of: Manifests, pod: Pod, way: str) -> list[Manifest]:
    """What is open for a pod; where no policy is about it, everything is."""
    mine = [
        policy["spec"]
        for policy in all_of.kind("NetworkPolicy")
        if _selects(policy["spec"]["podSelector"], pod.labels)
        and way.capitalize() in policy["spec"]["policyTypes"]
    ]
    return [rule for spec in mine for rule in spec.get(way) or []] if mine else [{}]


def _opens(rule: Mapping[str, Any], field: str, labels: Mapping[str, str], port: Port) -> bool:
    """Whether a rule is about pods of this namespace with these labels, at this port."""
    peers: Sequence[Mapping[str, Any]] = rule.get(field) or []
    reached = not peers or any(
        _selects(peer["podSelector"], labels)
        for peer in peers
        if "podSelector" in peer and "namespaceSelector" not in peer
    )
    return reached and any(_is(each, port) for each in rule.get("ports") or [port])


def _is(opened: Mapping[str, Any], port: Port) -> bool:
    same = opened.get("protocol", "TCP") == port["protocol"]
    return bool(same and opened.get("port", port["port"]) == port["port"])


def _asks_dns(all_of: Manifests, pod: Pod) -> bool:
    for rule in rules_for(all_of, pod, "egress"):
        named = any("namespaceSelector" in peer for peer in rule.get("to") or [])
        protocols = {port.get("protocol") for port in rule.get("ports") or []}
        if named and protocols == {"UDP", "TCP"}:
            return True
    return False


def _selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    return (selector.get("matchLabels") or {}).items() <= labels.items()
