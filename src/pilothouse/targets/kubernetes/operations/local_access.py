"""Access to a stack's services from this machine, by forwarded ports."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pilothouse.contract import Contract
from pilothouse.targets.kubernetes.clients.object_store import read_credentials
from pilothouse.targets.kubernetes.clients.port_forward import LOOPBACK, forward_port
from pilothouse.targets.kubernetes.clients.target import BY_POD
from pilothouse.targets.kubernetes.naming import namespace_of
from pilothouse.targets.kubernetes.settings.component_table import PORTS

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.clients.cluster import Cluster
    from pilothouse.targets.kubernetes.settings.target import KubernetesPlan


@contextmanager
def forward_ports(cluster: Cluster, plan: KubernetesPlan, contract: Contract) -> Iterator[Contract]:
    """The contract with forwarded ports in place of addresses inside the cluster, until the end.

    The keys of an external object store are read from the user's Secret. Where the pods' accounts
    have roles in place of keys, its objects are read by pods.
    """
    namespace, components = namespace_of(plan), plan.settings.component_names()
    with ExitStack() as forwards:
        addresses = {
            f"{server}.{namespace}.svc:{port}": f"{LOOPBACK}:{local_port}"
            for server, port in PORTS.items()
            if server in components
            for local_port in [
                forwards.enter_context(forward_port(cluster, namespace, server, port))
            ]
        }
        yield _add_store_access(plan, cluster, _replace_addresses(contract, addresses))


def _replace_addresses(contract: Contract, addresses: Mapping[str, str]) -> Contract:
    pattern = re.compile("|".join(map(re.escape, addresses)))

    def replace_in(value: Any) -> Any:
        if isinstance(value, str):
            return pattern.sub(lambda address: addresses[address[0]], value)
        if isinstance(value, Mapping):
            return {key: replace_in(item) for key, item in value.items()}
        return value

    def replace_in_capability(capability: Any) -> Any:
        probes = tuple(
            replace(probe, address=replace_in(probe.address)) for probe in capability.probes
        )
        return replace(capability, **{**replace_in(vars(capability)), "probes": probes})

    return Contract(**{name: replace_in_capability(item) for name, item in contract})


def _add_store_access(plan: KubernetesPlan, cluster: Cluster, contract: Contract) -> Contract:
    store, namespace = plan.settings.object_store, namespace_of(plan)
    if store is None:
        return contract
    if store.secret is None:
        context = plan.settings.context or ""
        by_pod = {"kind": BY_POD, "namespace": namespace, "context": context}
        return replace(contract, storage=replace(contract.storage, submit=by_pod))
    keys = read_credentials(cluster, namespace, store.secret, store.keys("data"))
    return replace(contract, storage=replace(contract.storage, secrets=keys))
