"""What can be told of a Kubernetes stack from the outside: by asking the cluster, not the state."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pilothouse.contract import Contract
from pilothouse.errors import PilothouseError, Refused
from pilothouse.targets.interface import Backup, Check, Leftover, Operations, ServiceStatus
from pilothouse.targets.kubernetes.clients.cluster import Cluster
from pilothouse.targets.kubernetes.clients.pod_status import containers_of, pods_of
from pilothouse.targets.kubernetes.clients.port_forward import LOOPBACK, forwarded
from pilothouse.targets.kubernetes.components import external_store
from pilothouse.targets.kubernetes.naming import is_ours, namespace_of, selector
from pilothouse.targets.kubernetes.objects.network_policies import servers
from pilothouse.targets.kubernetes.operations import (
    cleanup,
    jobs,
    preflight,
    restore,
    rollout_status,
)
from pilothouse.targets.kubernetes.settings.target import KubernetesSettings

if TYPE_CHECKING:
    from pilothouse.plan import Plan
    from pilothouse.targets.shared.dry_run import Recording

KEPT = (
    "kubernetes:core/v1:Namespace",
    "kubernetes:core/v1:PersistentVolumeClaim",
    "pulumi-python:dynamic/pilothouse:Secrets",
)
"""The types of what stays in the state where data are kept."""

PATIENCE = 120.0  # seconds for a namespace to go; it ends every pod first


class KubernetesOperations(Operations[KubernetesSettings]):
    """A stack in its namespace, seen without its state."""

    leftover_kinds = ("namespace", "object", "persistent volume")

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.cluster, self.namespace = Cluster(plan.settings), namespace_of(plan)

    def preflight(self, graph: Callable[[], Recording]) -> list[Check]:
        """The cluster, the permissions in it, its storage, the namespace."""
        return preflight.checks(self.plan, self.cluster)

    def services(self) -> list[ServiceStatus]:
        """Every Deployment and StatefulSet, and each Job that can't get on, with its reason."""
        found = rollout_status.statuses(self.cluster, self.namespace)
        return sorted(found, key=lambda status: status.name)

    def logs(self, service: str, lines: int) -> Iterable[str]:
        """The end of the logs of a service's pods; PilothouseError names the services."""
        pods = pods_of(self.cluster, self.namespace, service)
        if not pods:
            known = ", ".join(status.name for status in self.services())
            raise PilothouseError(f"no pod of {service!r}; there are: {known or 'none'}")
        for pod in pods:
            for status in containers_of(pod):
                yield from jobs.log(self.cluster, pod, status, tail_lines=lines).splitlines()

    def up_variables(self) -> Mapping[str, str]:
        """Existing objects are adopted: the preflight has checked whose the namespace is."""
        return {"PULUMI_K8S_UPSERT_EXISTING_OBJECTS": "true"}

    def is_retained(self, resource: Mapping[str, Any]) -> bool:
        """The volumes, the namespace around them, and the secrets that open what they hold."""
        return resource["type"] in KEPT

    def backups(self) -> list[Backup]:
        """What is in the bucket of backups; Refused where the database is not the stack's own."""
        if self.plan.settings.database:
            raise Refused("the database is not this stack's own: restore it where it runs")
        return restore.listed(self.cluster, self.namespace)

    def restore(self, backup: str) -> None:
        """Stop what writes, and run the restoring job."""
        restore.restore(self.cluster, self.namespace, backup)

    def clean_up(self, *, keep_data: bool) -> None:
        """Remove the namespace, and with it what a killed run made and no state has.

        A namespace that keeps data stays, with its volumes alone.
        """
        cluster, plan = self.cluster, self.plan
        found = cluster.find(cluster.core.read_namespace, self.namespace)
        if found is not None and not is_ours(found, plan):
            return
        if keep_data:
            _until(lambda: not cleanup.sweep(cluster, plan))
            return
        if found is not None and found.metadata.deletion_timestamp is None:
            cluster.find(cluster.core.delete_namespace, self.namespace)
        _until(lambda: not cluster.find(cluster.core.read_namespace, self.namespace))
        # Drivers delete a volume a while after its claim; one with the policy Retain stays.
        _until(lambda: all(_is_retained(volume) for volume in _claimed(cluster, plan)))

    def leftovers(self, *, keep_data: bool) -> list[Leftover]:
        """The namespace if it exists, and volumes that were claimed in it.

        Where data are kept, also what else is in the namespace.
        """
        return [
            *_namespaces(self.cluster, self.plan, keep_data),
            *(cleanup.others(self.cluster, self.plan) if keep_data else ()),
            *_volumes(self.cluster, self.plan, keep_data),
        ]

    @contextmanager
    def accessible(self, contract: Contract) -> Iterator[Contract]:
        """The contract with ports of this machine in place of addresses inside the cluster.

        The keys of a store that is not ours are read from the user's Secret.
        """
        with ExitStack() as open_ports:
            addresses = {
                f"{component}.{self.namespace}.svc:{port}": f"{LOOPBACK}:{local}"
                for component, port in servers(self.plan.settings).items()
                for local in [
                    open_ports.enter_context(
                        forwarded(self.cluster, self.namespace, component, port)
                    )
                ]
            }
            yield _with_store_keys(self.plan, self.cluster, _readdressed(contract, addresses))


def _readdressed(contract: Contract, addresses: Mapping[str, str]) -> Contract:
    pattern = re.compile("|".join(map(re.escape, addresses)))

    def changed(value: Any) -> Any:
        if isinstance(value, str):
            return pattern.sub(lambda found: addresses[found[0]], value)
        if isinstance(value, Mapping):
            return {key: changed(item) for key, item in value.items()}
        return value

    def capability(each: Any) -> Any:
        probes = tuple(replace(probe, address=changed(probe.address)) for probe in each.probes)
        return replace(each, **{**changed(vars(each)), "probes": probes})

    return Contract(**{name: capability(each) for name, each in contract})


def _with_store_keys(plan: Plan, cluster: Cluster, contract: Contract) -> Contract:
    store = plan.settings.object_store
    if store is None:
        return contract
    keys = external_store.credentials(store, cluster, namespace_of(plan), "data")
    return replace(contract, storage=replace(contract.storage, secrets=keys))


def _until(holds: Callable[[], bool]) -> None:
    """Wait, but not for ever: what is left then is found by the proof."""
    deadline = time.monotonic() + PATIENCE
    while not holds() and time.monotonic() < deadline:
        time.sleep(1.0)


def _namespaces(cluster: Cluster, plan: Plan, keep_data: bool) -> Iterator[Leftover]:
    for namespace in cluster.listed(cluster.core.list_namespace, label_selector=selector(plan)):
        going = namespace.metadata.deletion_timestamp
        yield Leftover(
            kind="namespace",
            name=namespace.metadata.name,
            verdict="unknown" if going else "kept" if keep_data else "present",
            detail=f"terminating since {going}" if going else "",
        )


def _volumes(cluster: Cluster, plan: Plan, keep_data: bool) -> Iterator[Leftover]:
    for volume in _claimed(cluster, plan):
        policy = ", reclaim policy Retain" if _is_retained(volume) else ""
        yield Leftover(
            kind="persistent volume",
            name=volume.metadata.name,
            verdict="kept" if keep_data and volume.status.phase == "Bound" else "present",
            detail=f"claimed by {volume.spec.claim_ref.name}, {volume.status.phase}{policy}",
        )


def _claimed(cluster: Cluster, plan: Plan) -> list[Any]:
    """The volumes that were claimed in the stack's namespace."""
    found, namespace = cluster.listed(cluster.core.list_persistent_volume), namespace_of(plan)
    claims = ((volume, volume.spec.claim_ref) for volume in found)
    return [volume for volume, claim in claims if claim and claim.namespace == namespace]


def _is_retained(volume: Any) -> bool:
    return bool(volume.spec.persistent_volume_reclaim_policy == "Retain")
