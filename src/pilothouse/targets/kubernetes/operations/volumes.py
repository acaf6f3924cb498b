"""The persistent volumes of a stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pilothouse.targets.kubernetes.clients.kinds import PERSISTENT_VOLUME
from pilothouse.targets.kubernetes.naming import namespace_of

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.clients.cluster import Cluster
    from pilothouse.targets.kubernetes.settings.target import KubernetesPlan


def claimed_volumes(cluster: Cluster, plan: KubernetesPlan) -> list[Any]:
    """The volumes that were claimed in the stack's namespace."""
    namespace = namespace_of(plan)
    claims = ((volume, volume.spec.claimRef) for volume in cluster.list_objects(PERSISTENT_VOLUME))
    return [volume for volume, claim in claims if claim and claim.namespace == namespace]


def is_retained(volume: Any) -> bool:
    """Whether a volume outlives its claim."""
    return bool(volume.spec.persistentVolumeReclaimPolicy == "Retain")
