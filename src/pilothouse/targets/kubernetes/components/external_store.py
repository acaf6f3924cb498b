"""An external S3 store: its buckets, and the Secret with their keys or the roles of accounts.

Nothing of it is created, and the stack knows no key of it: S3 clients take keys from variables
that the pod's command reads from files of the Secret. Where service accounts have roles, the
cluster adds to the pods what S3 clients get temporary credentials by, and no pod has a key.
"""

from __future__ import annotations

from collections.abc import Mapping
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
        settings = self._settings
        # Older clients would call STS in us-east-1, whatever their region is.
        sign_in = {"AWS_STS_REGIONAL_ENDPOINTS": "regional"} if settings.role_arns else {}
        return BucketAccess(
            bucket=str(getattr(settings.buckets, role)),
            environment={
                **seaweedfs.client_variables(settings.endpoint, settings.region),
                **sign_in,
            },
            references=self._keys(role),
        )

    def _keys(self, role: str) -> Mapping[str, SecretKey]:
        """The variables of the bucket's keys, if a Secret has them."""
        secret = self._settings.secret
        if secret is None:
            return {}
        keys = self._settings.keys(role)
        return {variable: SecretKey(secret=secret, key=key) for variable, key in keys.items()}
