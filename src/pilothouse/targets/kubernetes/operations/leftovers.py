"""What exists of a stack in the cluster after a teardown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pilothouse.targets.interface import Leftover
from pilothouse.targets.kubernetes.clients.kinds import NAMESPACE
from pilothouse.targets.kubernetes.naming import label_selector
from pilothouse.targets.kubernetes.operations.cleanup import objects_without_data
from pilothouse.targets.kubernetes.operations.volumes import claimed_volumes, is_retained

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.clients.cluster import Cluster
    from pilothouse.targets.kubernetes.settings.target import KubernetesPlan


def find_leftovers(
    cluster: Cluster, plan: KubernetesPlan, *, keep_data: bool
) -> Iterator[Leftover]:
    """The namespace, the volumes that were claimed in it and, where data are kept, other objects.

    Without `keep_data` the objects are deleted with the namespace.
    """
    yield from _namespaces(cluster, plan, keep_data=keep_data)
    if keep_data:
        yield from _objects(cluster, plan)
    yield from _volumes(cluster, plan, keep_data=keep_data)


def _namespaces(cluster: Cluster, plan: KubernetesPlan, *, keep_data: bool) -> Iterator[Leftover]:
    for namespace in cluster.list_objects(NAMESPACE, label_selector=label_selector(plan)):
        deleted_at = namespace.metadata.deletionTimestamp
        yield Leftover(
            kind="namespace",
            name=namespace.metadata.name,
            verdict="unknown" if deleted_at else "kept" if keep_data else "present",
            detail=f"terminating since {deleted_at}" if deleted_at else "",
        )


def _objects(cluster: Cluster, plan: KubernetesPlan) -> Iterator[Leftover]:
    for kind, name in objects_without_data(cluster, plan):
        yield Leftover(kind="object", name=f"{kind.words} {name}", verdict="present")


def _volumes(cluster: Cluster, plan: KubernetesPlan, *, keep_data: bool) -> Iterator[Leftover]:
    for volume in claimed_volumes(cluster, plan):
        policy = ", reclaim policy Retain" if is_retained(volume) else ""
        yield Leftover(
            kind="persistent volume",
            name=volume.metadata.name,
            verdict="kept" if keep_data and volume.status.phase == "Bound" else "present",
            detail=f"claimed by {volume.spec.claimRef.name}, {volume.status.phase}{policy}",
        )
