"""What a Kubernetes stack is, read from the cluster and not from the engine's state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from pilothouse.config.quantities import seconds_of
from pilothouse.errors import Refused
from pilothouse.services import seaweedfs
from pilothouse.targets.interface import (
    Backup,
    Check,
    Leftover,
    OperationLimit,
    Operations,
    ServiceStatus,
)
from pilothouse.targets.kubernetes.clients.cluster import Cluster
from pilothouse.targets.kubernetes.clients.kinds import DEPLOYMENT, STATEFUL_SET
from pilothouse.targets.kubernetes.naming import namespace_of
from pilothouse.targets.kubernetes.objects.images import workload_python
from pilothouse.targets.kubernetes.operations import (
    airflow_image,
    cleanup,
    command_line,
    dag_packages,
    dag_upload,
    delivery,
    garbage,
    leftovers,
    local_access,
    preflight,
    proof_package,
    restore,
    status,
    stopping,
)
from pilothouse.targets.kubernetes.settings import team_dags
from pilothouse.targets.kubernetes.settings.component_table import WORKLOAD
from pilothouse.targets.kubernetes.settings.target import KubernetesPlan, KubernetesSettings
from pilothouse.targets.shared import package_archive

if TYPE_CHECKING:
    from pathlib import Path

    from pilothouse.config.dag_files import DagFiles
    from pilothouse.config.platform_spec import Platform
    from pilothouse.config.workload import Workload
    from pilothouse.contract import Contract
    from pilothouse.packages.package import Package
    from pilothouse.services.mlflow.garbage import Garbage
    from pilothouse.targets.dry_run import Recording

JOB = "kubernetes:batch/v1:Job"
LIMIT_MARGIN = 30.0  # seconds after `readyTimeout`, in which the plugin may give its own error
RETAINED = (
    "kubernetes:core/v1:Namespace",
    "kubernetes:core/v1:PersistentVolumeClaim",
    "pulumi-python:dynamic/pilothouse:Secrets",
    "pulumi-python:dynamic/pilothouse:NamespaceGuard",  # on which the namespace depends
)
"""The types of resources that stay in the state where data are kept."""


class KubernetesOperations(Operations[KubernetesSettings]):
    """A stack in its namespace."""

    leftover_kinds = ("namespace", "object", "persistent volume")
    reads_airflow_lock = True
    secrets_remedy = (
        "put it into a Secret of the namespace, and name that as `workload.secret` under "
        "`pilothouse:kubernetes` in the stack file"
    )
    no_pause = ""

    def __init__(self, plan: KubernetesPlan) -> None:
        super().__init__(plan)
        self.cluster, self.namespace = Cluster(plan.settings), namespace_of(plan)

    def preflight(self, graph: Callable[[], Recording]) -> list[Check]:
        """Checks of the cluster, the permissions in it, its storage and the namespace."""
        return preflight.checks(self.plan, self.cluster)

    def services(self) -> list[ServiceStatus]:
        """Every Deployment and StatefulSet, and every set-up Job that fails, with the reason."""
        return status.service_statuses(self.cluster, self.namespace)

    def logs(self, service: str, lines: int) -> Iterable[str]:
        """The end of the logs of a service's pods; PilothouseError names the services."""
        return status.read_logs(self.cluster, self.namespace, service, lines)

    def up_variables(self) -> Mapping[str, str]:
        """The preflight has checked that the namespace is free or this stack's: take it over."""
        return {"PULUMI_K8S_UPSERT_EXISTING_OBJECTS": "true"}

    def limit(self, resource_type: str, operation: str) -> OperationLimit | None:
        """That of a Job: the provider plugin's own timeout starts anew at each event of a pod."""
        if resource_type != JOB or operation not in ("create", "create-replacement", "update"):
            return None
        ready_timeout = self.plan.settings.ready_timeout
        return OperationLimit(
            seconds=seconds_of(ready_timeout) + LIMIT_MARGIN,
            remedy=f"correct what keeps the Job from completing (`pilothouse status` and `kubectl "
            f"describe job` in the namespace {self.namespace} say more), or raise readyTimeout "
            f"({ready_timeout}) in the stack file",
        )

    def is_retained(self, resource: Mapping[str, Any]) -> bool:
        """The volumes, the namespace around them, and the secrets of the data in the volumes."""
        return resource["type"] in RETAINED

    def backups(self) -> list[Backup]:
        """The backups in the bucket; Refused where the database is external."""
        if self.plan.settings.database:
            raise Refused("the database is not this stack's own: restore it where it runs")
        return restore.list_backups(self.cluster, self.namespace)

    def restore(self, backup: str) -> None:
        """Stop what writes to the databases, and run the job that restores them."""
        restore.restore(self.cluster, self.namespace, backup)

    def pause(self) -> None:
        """Suspend the CronJobs and delete what runs pods; volumes and everything else stay."""
        kinds = [DEPLOYMENT, STATEFUL_SET]
        stopping.stop(self.cluster, self.namespace, kinds, unless="so it is paused in part")

    def stops_at_expiry(self) -> str:
        """What a CronJob of the namespace deletes and suspends."""
        return "pods of services end and schedules are suspended, volumes stay"

    def find_garbage(self, contract: Contract, older_than: float) -> Garbage:
        """What MLflow's clean-up would delete, listed by a Job in the cluster."""
        return garbage.find(self.cluster, self.namespace, older_than)

    def collect_garbage(self, contract: Contract, older_than: float) -> Garbage:
        """Run MLflow's clean-up as a Job."""
        return garbage.collect(self.cluster, self.namespace, older_than)

    def prepare_package(self, platform: Platform, workload: Workload, package: Package) -> None:
        """Make the archive that the steps' pods unpack."""
        package_archive.prepare(platform, workload, package)

    def deliver_package(
        self, contract: Contract, package: Package, secrets: Mapping[str, str]
    ) -> None:
        """Put the archive into the bucket of data; the pods have the secrets from their Secret."""
        if WORKLOAD not in self.plan.settings.images and not workload_python(self.plan):
            delivery.check_python(
                self.plan, airflow_image.look(self.cluster, self.namespace), package
            )
        delivery.deliver(contract.storage, package)

    def dags_folder(self) -> Path | None:
        """The project's, unless the stack file alone says where DAGs are or the bucket is."""
        return team_dags.find_folder(self.plan)

    def why_no_dags(self) -> str:
        """The store's keys; where the stack file says where DAGs are, nothing."""
        return "" if team_dags.has_source(self.plan.settings.dags) else team_dags.NO_KEYS

    def deliver_dags(self, contract: Contract, files: DagFiles) -> str:
        """Make the DAGs in the bucket those of the folder."""
        return dag_upload.deliver(contract.storage, files)

    def prepare_proof(self, contract: Contract) -> str:
        """Put the package into the bucket, where no image of the stack has it."""
        return proof_package.deliver(self.cluster, self.namespace, self.plan, contract.storage)

    def deliver_airflow_requirements(self, contract: Contract) -> str:
        """Put what the image lacks into the bucket, from which the pods that read DAGs take it."""
        return dag_packages.deliver(self.cluster, self.namespace, self.plan, contract.storage)

    def workload_secrets(self, names: Sequence[str]) -> Mapping[str, str | None]:
        """Those that the named Secret has, from which the pods get them."""
        return dict.fromkeys(self.secret_values(names))

    def secret_values(self, names: Sequence[str]) -> Mapping[str, str | None]:
        """Those that the named Secret has."""
        return delivery.secrets(self.cluster, self.namespace, self.plan.settings, names)

    def why_no_airflow_objects(self) -> str:
        """Nothing: the stack's Airflow is its own."""
        return ""

    def run_command(self, program: str, arguments: Sequence[str], contract: Contract) -> int:
        """Run it in a pod of its service."""
        return command_line.run(self.cluster, self.namespace, contract, program, arguments)

    def artifact_retention(self) -> str:
        """Noncurrent versions, where the bucket has them; of an external one, its own rules."""
        if self.plan.settings.object_store:
            return "if the bucket has versioning, it keeps noncurrent versions by its own rules"
        return seaweedfs.artifact_retention(self.plan.platform)

    def clean_up(self, *, keep_data: bool) -> None:
        """Delete the namespace, and with it what an interrupted run created.

        A namespace that keeps data stays, with its volumes alone.
        """
        cleanup.clean_up(self.cluster, self.plan, keep_data=keep_data)

    def leftovers(self, *, keep_data: bool) -> list[Leftover]:
        """The namespace and the volumes; where data are kept, other objects in it too."""
        return list(leftovers.find_leftovers(self.cluster, self.plan, keep_data=keep_data))

    def accessible(self, contract: Contract) -> AbstractContextManager[Contract]:
        """The contract with ports of this machine in place of addresses inside the cluster."""
        return local_access.forward_ports(self.cluster, self.plan, contract)
