"""What can be told of a stack on AWS from the outside: by asking the account, not the state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pilothouse.config import team_dags
from pilothouse.errors import Refused
from pilothouse.services.object_store import S3ObjectStore
from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.aws.operations import (
    dag_upload,
    logs,
    pausing,
    preflight,
    status,
    step_secrets,
    tracking_plugin,
)
from pilothouse.targets.aws.resources import TABLE
from pilothouse.targets.aws.resources.s3 import DAG_FILE
from pilothouse.targets.aws.settings import expiry
from pilothouse.targets.aws.settings.target import AwsPlan, AwsSettings
from pilothouse.targets.interface import Check, Leftover, Operations, PendingCreate, ServiceStatus
from pilothouse.targets.shared import inventory, package_archive, recovery
from pilothouse.targets.shared.cleanup import Sweep

if TYPE_CHECKING:
    from pathlib import Path

    from pilothouse.config.dag_files import DagFiles
    from pilothouse.config.platform_spec import Platform
    from pilothouse.config.workload import Workload
    from pilothouse.contract import Contract
    from pilothouse.packages.package import Package
    from pilothouse.targets.dry_run import Recording


class AwsOperations(Operations[AwsSettings]):
    """A stack in its account and region, seen without its state."""

    leftover_kinds = tuple(declared.name for declared in TABLE.listed)
    named_kinds = frozenset({DAG_FILE})
    no_pause = ""
    no_command_lines = (
        "AWS has clients of its own: use `aws mwaa create-cli-token` for "
        "Airflow, and MLflow's client with what `pilothouse env --clients` prints"
    )
    secrets_remedy = (
        "put it into a secret of AWS Secrets Manager, and name that as `workload.secret` under "
        "`pilothouse:aws` in the stack file"
    )
    no_backups = (
        "managed services have no backups to restore: objects have their versions in the "
        "bucket, and Airflow's history is deleted with its environment"
    )
    no_garbage_collection = (
        "MLflow deletes runs for good by its database, which a managed MLflow does not open: "
        "deleted runs and their artifacts stay until `pilothouse down`"
    )

    def __init__(self, plan: AwsPlan) -> None:
        super().__init__(plan)
        self._is_verified = False

    @property
    def account(self) -> Account:
        """The stack's account, which has read no tags yet; its credentials are checked once.

        Refused where there are no credentials, or those of another account: there, nothing of the
        stack would be found, and that would look like a proof.
        """
        account = Account(self.plan)
        if not self._is_verified:
            failed = [check for check in preflight.identity(account) if not check.ok]
            if failed:
                lines = (f"{check.name}: {check.detail}; {check.remedy}" for check in failed)
                raise Refused("; ".join(lines))
            self._is_verified = True
        return account

    def preflight(self, graph: Callable[[], Recording]) -> list[Check]:
        """Credentials, account, region, zones, services, quotas, permissions."""
        return preflight.checks(self.plan, Account(self.plan), graph)

    def services(self) -> list[ServiceStatus]:
        """The orchestrator, MLflow, the pipeline: those that exist."""
        return status.statuses(self.account)

    def logs(self, service: str, lines: int) -> Iterable[str]:
        """The end of the log groups of a service; PilothouseError names those that have one."""
        return logs.tail(self.account, service, lines)

    def prepare_package(self, platform: Platform, workload: Workload, package: Package) -> None:
        """Make the archive that the steps' jobs unpack."""
        package_archive.prepare(platform, workload, package, tracking_plugin.addition(package))

    def deliver_package(
        self, contract: Contract, package: Package, secrets: Mapping[str, str]
    ) -> None:
        """Put the archive into the bucket of data; the jobs read the secrets themselves."""
        store = S3ObjectStore(contract.storage)
        package_archive.deliver(store, package, tracking_plugin.addition(package))

    def workload_secrets(self, names: Sequence[str]) -> Mapping[str, str | None]:
        """Those that the named secret has; all of them where only the jobs may read it."""
        return dict.fromkeys(self.secret_values(names))

    def secret_values(self, names: Sequence[str]) -> Mapping[str, str | None]:
        """Those that the named secret has; none of them has a value where only jobs may read it."""
        return step_secrets.find(self.account, names)

    def why_no_airflow_objects(self) -> str:
        """An Airflow 2, whose log of actions may have their secrets."""
        version = self.plan.settings.orchestration.version
        if version.startswith("2."):
            return f"Airflow {version} is not supported for them: set orchestration.version: 3.0.6"
        return ""

    def pause(self) -> None:
        """Delete managed Airflow, the way out, the schedule; stop jobs and the tracking server."""
        pausing.stop(self.account)

    def stopped_by_pause(self) -> list[str]:
        """What bills by the hour, and the runs and the schedule that begin more of it."""
        return pausing.running(self.account)

    def lost_in_pause(self) -> str:
        """What managed Airflow has in its own database."""
        if self.plan.platform.engine("orchestration") != "airflow":
            return ""
        return (
            "AWS cannot stop managed Airflow, so its environment is deleted, and with it the "
            "history of its runs and what people made in it: variables, connections, pools, users; "
            "DAGs, logs, runs in MLflow and all buckets stay"
        )

    def resume_takes(self) -> str:
        """What AWS's documentation says of an environment; the rest is made meanwhile."""
        if self.plan.platform.engine("orchestration") == "airflow":
            return "20 to 30 minutes, in which AWS makes an environment of Airflow"
        return "5 to 10 minutes"

    def stops_at_expiry(self) -> str:
        """What schedules of EventBridge stop, by calls of AWS's API."""
        return expiry.describe(self.plan)

    def why_nothing_stops(self) -> str:
        """The line that is missing where managed Airflow would be deleted."""
        return expiry.why_not(self.plan)

    def start_stopped(self) -> None:
        """Start the tracking server, of which the engine sees only that it exists."""
        if self.plan.settings.tracking.server == "tracking-server":
            pausing.start(self.account)

    def is_retained(self, resource: Mapping[str, Any]) -> bool:
        """The buckets of data and artifacts, the registries, the key that opens them."""
        return TABLE.is_retained(resource)

    def dags_folder(self) -> Path | None:
        """The project's, which goes into the bucket of the environment."""
        return team_dags.find(self.plan.project, self.plan.platform)

    def deliver_dags(self, contract: Contract, files: DagFiles) -> str:
        """Make the delivered DAGs in the bucket those of the folder."""
        return dag_upload.deliver(self.account, files)

    def clean_up(self, *, keep_data: bool) -> None:
        """Remove whatever of the stack is in the account; the proof finds what is not removed."""
        account = self.account
        Sweep(
            account,
            TABLE.listed,
            lambda declared, found: not (keep_data and declared.is_retained(account, found)),
        ).run()

    def remove_orphans(
        self, pending: Sequence[PendingCreate] | None, recorded: Sequence[Mapping[str, Any]]
    ) -> list[str]:
        """Remove what is the stack's by name or tag and has an id that no state has."""
        types = None if pending is None else {create.type for create in pending}
        return recovery.remove_orphans(self.account, TABLE, types, recorded)

    def leftovers(self, *, keep_data: bool) -> list[Leftover]:
        """Whatever the list calls of each service have of the stack."""
        return inventory.leftovers(self.account, TABLE.listed, keep_data=keep_data)
