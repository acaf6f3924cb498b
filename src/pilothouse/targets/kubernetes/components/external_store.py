"""An external S3 store: its buckets, and the Secret with their keys.

Nothing of it is created, and the stack knows no key of it: S3 clients take keys from variables
that the pod's command reads from files of the Secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pilothouse.contract import Probe
from pilothouse.services import seaweedfs
from pilothouse.targets.kubernetes.components.bucket_access import BucketAccess
from pilothouse.targets.kubernetes.objects.pods import SecretKey

if TYPE_CHECKING:
    import pulumi

    from pilothouse.targets.kubernetes.settings.store import ObjectStore


class ExternalStore:
    """An external store, with the interface of `seaweedfs.Store`."""

    ready: tuple[pulumi.Resource, ...] = ()
    probes: tuple[Probe, ...] = ()

    def __init__(self, settings: ObjectStore) -> None:
        self._settings = settings
        self.endpoint = settings.endpoint

    def access(self, role: str) -> BucketAccess:
        """How a pod accesses the bucket of `role`."""
        secret, keys = self._settings.secret, self._settings.keys(role)
        return BucketAccess(
            bucket=str(getattr(self._settings.buckets, role)),
            environment=seaweedfs.client_variables(self.endpoint, self._settings.region),
            references={
                variable: SecretKey(secret=secret, key=key) for variable, key in keys.items()
            },
        )
