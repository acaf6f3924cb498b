"""Storage on Kubernetes: the stack's own object store, or an external one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from pilothouse.contract import Capability
from pilothouse.services.seaweedfs import BACKUPS
from pilothouse.targets.kubernetes.components.backups import Backups
from pilothouse.targets.kubernetes.components.base import KubernetesComponent
from pilothouse.targets.kubernetes.components.external_store import ExternalStore
from pilothouse.targets.kubernetes.components.postgres import Database
from pilothouse.targets.kubernetes.components.seaweedfs import Store

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.components.bucket_access import BucketAccess
    from pilothouse.targets.kubernetes.components.foundation import KubernetesFoundation


class KubernetesStorage(KubernetesComponent):
    """The store and its buckets. The keys of each application are those of its own bucket."""

    def __init__(
        self,
        name: str,
        foundation: KubernetesFoundation,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, foundation, opts)
        self._warn_of_unused_roles()
        external = foundation.settings.object_store
        self._store = ExternalStore(external) if external else Store(self)
        self.endpoint, self.ready = self._store.endpoint, list(self._store.ready)
        if isinstance(foundation.database, Database):
            Backups(
                objects=self.objects,
                foundation=foundation,
                database=foundation.database,
                bucket=self.access(BACKUPS),
            ).create(self.ready)
        self.publish(self._capability())

    def access(self, role: str) -> BucketAccess:
        """How a pod accesses the bucket of `role`."""
        return self._store.access(role)

    def _warn_of_unused_roles(self) -> None:
        if unused := self.foundation.settings.unused_roles():
            found = f"not the role of {', '.join(unused)}"
            remedy = "name the roles as objectStore.roleArns, in place of secret"
            pulumi.log.warn(
                f"S3 clients use the keys of objectStore.secret, {found}; {remedy}", self
            )

    def _capability(self) -> Capability[pulumi.Input[str]]:
        data = self.access("data")
        return Capability(
            uri=data.uri,
            console="",
            environment={**data.environment, "DATA_URI": data.uri},
            secrets=data.keys,
            probes=self._store.probes,
        )
