"""What a Kubernetes stack is, read from the cluster and not from the engine's state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from pilothouse.contract import Backup, Began, Check, Contract, Leftover, ServiceStatus
from pilothouse.errors import Refused
from pilothouse.targets.kubernetes.clients.cluster import Cluster
from pilothouse.targets.kubernetes.naming import namespace_of
from pilothouse.targets.kubernetes.operations import (
    cleanup,
    leftovers,
    local_access,
    preflight,
    restore,
    status,
)

if TYPE_CHECKING:
    from pilothouse.plan import Plan

RETAINED = (
    "kubernetes:core/v1:Namespace",
    "kubernetes:core/v1:PersistentVolumeClaim",
    "pulumi-python:dynamic/pilothouse:Secrets",
)
"""The types of resources that stay in the state where data are kept."""


class KubernetesOperations:
    """A stack in its namespace."""

    leftover_kinds = ("namespace", "object", "persistent volume")

    def preflight(self, plan: Plan) -> list[Check]:
        """Checks of the cluster, the permissions in it, its storage and the namespace."""
        return preflight.checks(plan, Cluster(plan.settings))

    def services(self, plan: Plan) -> list[ServiceStatus]:
        """Every Deployment and StatefulSet, and every set-up Job that fails, with the reason."""
        return status.service_statuses(Cluster(plan.settings), namespace_of(plan))

    def logs(self, plan: Plan, service: str, lines: int) -> Iterable[str]:
        """The end of the logs of a service's pods; PilothouseError names the services."""
        return status.read_logs(Cluster(plan.settings), namespace_of(plan), service, lines)

    def up_variables(self) -> Mapping[str, str]:
        """The preflight has checked that the namespace is free or this stack's: take it over."""
        return {"PULUMI_K8S_UPSERT_EXISTING_OBJECTS": "true"}

    def destroy_variables(self, *, keep_data: bool) -> Mapping[str, str]:
        """None are needed."""
        return {}

    def stays(self, resource: Mapping[str, Any]) -> bool:
        """The volumes, the namespace around them, and the secrets of the data in the volumes."""
        return resource["type"] in RETAINED

    def backups(self, plan: Plan) -> list[Backup]:
        """The backups in the bucket; Refused where the database is external."""
        if plan.settings.database:
            raise Refused("the database is not this stack's own: restore it where it runs")
        return restore.list_backups(Cluster(plan.settings), namespace_of(plan))

    def restore(self, plan: Plan, backup: str) -> None:
        """Stop what writes to the databases, and run the job that restores them."""
        restore.restore(Cluster(plan.settings), namespace_of(plan), backup)

    def sweep(self, plan: Plan, *, keep_data: bool) -> None:
        """Delete the namespace, and with it what an interrupted run created.

        A namespace that keeps data stays, with its volumes alone.
        """
        cleanup.clean_up(Cluster(plan.settings), plan, keep_data=keep_data)

    def remove_unrecorded(
        self,
        plan: Plan,
        began: Sequence[Began] | None,
        recorded: Sequence[Mapping[str, Any]],
    ) -> list[str]:
        """Nothing: the next `up` takes over objects that already exist."""
        return []

    def leftovers(self, plan: Plan, *, keep_data: bool) -> list[Leftover]:
        """The namespace and the volumes; where data are kept, other objects in it too."""
        return list(leftovers.find_leftovers(Cluster(plan.settings), plan, keep_data=keep_data))

    def reachable(self, plan: Plan, contract: Contract) -> AbstractContextManager[Contract]:
        """The contract with ports of this machine in place of addresses inside the cluster."""
        return local_access.forward_ports(Cluster(plan.settings), plan, contract)
