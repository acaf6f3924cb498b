"""What can be told of a stack on AWS from the outside: by asking the account, not the state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from pilothouse.contract import Backup, Began, Check, Contract, Leftover, ServiceStatus
from pilothouse.errors import Refused
from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.aws.operations import logs, preflight, status
from pilothouse.targets.aws.resources import TABLE
from pilothouse.targets.shared import inventory, recovery
from pilothouse.targets.shared.cleanup import Sweep

if TYPE_CHECKING:
    from pilothouse.plan import Plan


class AwsOperations:
    """A stack in its account and region, seen without its state."""

    leftover_kinds = tuple(declared.name for declared in TABLE.listed)

    def preflight(self, plan: Plan) -> list[Check]:
        """Credentials, account, region, zones, services, quotas, permissions."""
        return preflight.checks(plan, Account(plan))

    def services(self, plan: Plan) -> list[ServiceStatus]:
        """The orchestrator, MLflow, the pipeline: those that there are."""
        return status.statuses(_opened(plan))

    def logs(self, plan: Plan, service: str, lines: int) -> Iterable[str]:
        """The end of the log groups of a service; PilothouseError names those that have one."""
        return logs.tail(_opened(plan), service, lines)

    def up_variables(self) -> Mapping[str, str]:
        """None is needed."""
        return {}

    def destroy_variables(self, *, keep_data: bool) -> Mapping[str, str]:
        """None is needed: what a destroy must empty first is told so when it is made."""
        return {}

    def stays(self, resource: Mapping[str, Any]) -> bool:
        """The buckets of data and artifacts, the registries, the key that opens them."""
        return TABLE.is_retained(resource)

    def backups(self, plan: Plan) -> list[Backup]:
        """None are made: AWS keeps the databases of managed services to itself."""
        raise Refused(
            "managed services have no backups to restore: objects have their versions in the "
            "bucket, and Airflow's history goes with its environment"
        )

    def restore(self, plan: Plan, backup: str) -> None:
        """Not supported on this target."""
        self.backups(plan)

    def sweep(self, plan: Plan, *, keep_data: bool) -> None:
        """Remove whatever of the stack is in the account; what does not go, the proof finds."""
        account = _opened(plan)
        Sweep(
            account,
            TABLE.listed,
            lambda declared, found: not (keep_data and declared.is_retained(account, found)),
        ).run()

    def reachable(self, plan: Plan, contract: Contract) -> AbstractContextManager[Contract]:
        """The contract as it is: AWS's own addresses, for principals with permissions."""
        return nullcontext(contract)

    def remove_unrecorded(
        self,
        plan: Plan,
        began: Sequence[Began] | None,
        recorded: Sequence[Mapping[str, Any]],
    ) -> list[str]:
        """Remove what is the stack's by name or tag and has an id that no state has."""
        types = None if began is None else {create.type for create in began}
        return recovery.remove_orphans(_opened(plan), TABLE, types, recorded)

    def leftovers(self, plan: Plan, *, keep_data: bool) -> list[Leftover]:
        """Whatever the list calls of each service have of the stack."""
        return inventory.leftovers(_opened(plan), TABLE.listed, keep_data=keep_data)


def _opened(plan: Plan) -> Account:
    """The stack's account; Refused where the credentials are none or of another one.

    There, nothing of the stack would be found, and that would look like a proof.
    """
    account = Account(plan)
    if failed := [check for check in preflight.identity(account) if not check.ok]:
        raise Refused(
            "; ".join(f"{check.name}: {check.detail}; {check.remedy}" for check in failed)
        )
    return account
