"""An S3 store that is there already: its buckets, and which Secret opens them.

Nothing of it is made, and no key of it is known here: S3's own clients take keys from variables
that the pod's command reads from files of the Secret, and whoever is outside reads the Secret.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pilothouse.contract import Probe
from pilothouse.errors import PilothouseError
from pilothouse.services import seaweedfs
from pilothouse.targets.kubernetes.objects.pods import SecretKey

if TYPE_CHECKING:
    import pulumi

    from pilothouse.targets.kubernetes.clients.cluster import Cluster
    from pilothouse.targets.kubernetes.settings.store import ObjectStore


class ExternalStore:
    """What applications are told of it, as `store.Store` tells of ours."""

    ready: tuple[pulumi.Resource, ...] = ()
    probes: tuple[Probe, ...] = ()

    def __init__(self, settings: ObjectStore) -> None:
        self._settings = settings
        self.endpoint = settings.endpoint

    def bucket(self, role: str) -> str:
        """The bucket of `role`."""
        return str(getattr(self._settings.buckets, role))

    def environment(self) -> Mapping[str, str]:
        """The variables of an S3 client that are not secret."""
        return seaweedfs.client_variables(self.endpoint, self._settings.region)

    def keys(self, role: str) -> dict[str, pulumi.Input[str]]:
        """The secret ones: none, the pod reads them itself."""
        return {}

    def references(self, role: str) -> Mapping[str, SecretKey]:
        """The variables that a pod reads from the Secret."""
        secret, keys = self._settings.secret, self._settings.keys(role)
        return {variable: SecretKey(secret=secret, key=key) for variable, key in keys.items()}


def credentials(
    settings: ObjectStore, cluster: Cluster, namespace: str, role: str
) -> dict[str, str]:
    """The secret variables of an S3 client of `role`, as the Secret has them now.

    Raises PilothouseError where it lacks them.
    """
    found = cluster.find(cluster.core.read_namespaced_secret, settings.secret, namespace)
    data, keys = (found.data or {}) if found else {}, settings.keys(role)
    if lacking := [key for key in keys.values() if key not in data]:
        place = f"Secret {settings.secret} of namespace {namespace}"
        raise PilothouseError(f"{place} lacks {', '.join(lacking)}: add what opens the bucket")
    return {variable: b64decode(data[key]).decode() for variable, key in keys.items()}
