"""Clients of a stack in a cluster: those of the open-source services, and objects by pods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pilothouse.services.clients import Clients
from pilothouse.targets.kubernetes.clients.cluster import Cluster
from pilothouse.targets.kubernetes.clients.pod_object_store import PodObjectStore
from pilothouse.targets.kubernetes.settings.target import KubernetesSettings

if TYPE_CHECKING:
    from pilothouse.contract import Capability
    from pilothouse.services.clients import ObjectStore

BY_POD = "pod"
"""The kind of `submit` of a storage that only pods can read."""


class KubernetesClients(Clients):
    """The services behind forwarded ports, and a store that has keys or roles."""

    def object_store(self, storage: Capability[str]) -> ObjectStore:
        """A client of the store: by the keys of the capability, or by pods that have a role."""
        if storage.submit.get("kind") != BY_POD:
            return super().object_store(storage)
        cluster = Cluster(KubernetesSettings(context=storage.submit["context"] or None))
        return PodObjectStore(cluster, storage.submit["namespace"], storage.uri)
