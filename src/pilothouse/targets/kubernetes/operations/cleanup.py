"""Deletes what exists of a stack outside of the engine's state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pilothouse.targets.kubernetes.clients.kinds import NAMESPACE, PERSISTENT_VOLUME_CLAIM
from pilothouse.targets.kubernetes.naming import belongs_to_stack, label_selector, namespace_of
from pilothouse.targets.kubernetes.objects.resource_kinds import removable_kinds
from pilothouse.targets.kubernetes.operations.volumes import claimed_volumes, is_retained
from pilothouse.waiting import wait_until

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.clients.cluster import Cluster
    from pilothouse.targets.kubernetes.clients.kinds import Kind
    from pilothouse.targets.kubernetes.settings.target import KubernetesPlan

DELETED_WITHIN = 120.0  # seconds for a namespace, in which every pod has to end first


def clean_up(cluster: Cluster, plan: KubernetesPlan, *, keep_data: bool) -> None:
    """Delete the stack's namespace with everything in it, or all objects but the volumes' claims.

    A namespace of another owner is left alone. What is not deleted in time is a leftover.
    """
    name = namespace_of(plan)
    namespace = cluster.get(NAMESPACE, name)
    if namespace is not None and not belongs_to_stack(namespace, plan):
        return
    if keep_data:
        wait_until(lambda: not _delete_objects(cluster, plan), seconds=DELETED_WITHIN)
        return
    if namespace is not None and namespace.metadata.deletionTimestamp is None:
        cluster.delete(NAMESPACE, name)
    wait_until(lambda: cluster.get(NAMESPACE, name) is None, seconds=DELETED_WITHIN)
    # Drivers delete a volume some time after its claim; one with the policy Retain stays.
    wait_until(
        lambda: all(is_retained(volume) for volume in claimed_volumes(cluster, plan)),
        seconds=DELETED_WITHIN,
    )


def objects_without_data(cluster: Cluster, plan: KubernetesPlan) -> Iterator[tuple[Kind, str]]:
    """The stack's objects other than the claims of its volumes, each by its kind and name."""
    for kind in removable_kinds(plan):
        if kind is not PERSISTENT_VOLUME_CLAIM:
            found = cluster.list_objects(
                kind, namespace_of(plan), label_selector=label_selector(plan)
            )
            yield from ((kind, str(item.metadata.name)) for item in found)


def _delete_objects(cluster: Cluster, plan: KubernetesPlan) -> bool:
    """Delete every object that keeps no data; whether there was any."""
    objects = list(objects_without_data(cluster, plan))
    for kind, name in objects:
        cluster.delete(kind, name, namespace_of(plan), propagation="Background")
    return bool(objects)
