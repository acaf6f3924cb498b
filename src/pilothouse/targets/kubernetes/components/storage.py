"""Storage on Kubernetes: a store of the stack's own, or one that is there already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pulumi

from pilothouse.contract import Capability
from pilothouse.targets.kubernetes.components.backups import Backups
from pilothouse.targets.kubernetes.components.base import KubernetesComponent
from pilothouse.targets.kubernetes.components.external_store import ExternalStore
from pilothouse.targets.kubernetes.components.postgres import Database
from pilothouse.targets.kubernetes.components.seaweedfs import Store

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.components.foundation import KubernetesFoundation
    from pilothouse.targets.kubernetes.objects.pods import SecretKey


class KubernetesStorage(KubernetesComponent):
    """The store and its buckets. Each application's keys open its own bucket only."""

    def __init__(
        self,
        name: str,
        foundation: KubernetesFoundation,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, foundation, opts)
        external = foundation.settings.object_store
        self._store = ExternalStore(external) if external else Store(self)
        self.endpoint, self.ready = self._store.endpoint, list(self._store.ready)
        if isinstance(foundation.database, Database):
            Backups(self, foundation.database)
        self.publish(self._capability())

    def bucket(self, role: str) -> str:
        """The bucket of `role`."""
        return self._store.bucket(role)

    def uri(self, role: str) -> str:
        """`s3://…` of the bucket of `role`."""
        return f"s3://{self.bucket(role)}"

    def client(self, role: str) -> tuple[Mapping[str, str], dict[str, pulumi.Input[str]]]:
        """The plain and the secret environment variables of an S3 client of `role`.

        What is secret and not known here a pod takes by `references`.
        """
        return self._store.environment(), self._store.keys(role)

    def references(self, role: str) -> Mapping[str, SecretKey]:
        """The secret variables of such a client that its pod reads from a Secret of the user's."""
        return self._store.references(role)

    def _capability(self) -> Capability[pulumi.Input[str]]:
        plain, secret = self.client("data")
        uri = self.uri("data")
        return Capability(
            uri=uri,
            console="",
            environment={**plain, "DATA_URI": uri},
            secrets=secret,
            probes=self._store.probes,
        )
