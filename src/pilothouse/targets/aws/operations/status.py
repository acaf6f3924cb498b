"""The status of a stack's managed services, and of what a pause deletes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pilothouse.errors import PilothouseError
from pilothouse.targets.aws import naming
from pilothouse.targets.aws.clients import api, managed
from pilothouse.targets.aws.resources import TABLE
from pilothouse.targets.interface import ServiceStatus
from pilothouse.targets.shared import inventory

if TYPE_CHECKING:
    from pilothouse.targets.aws.clients.account import Account

SERVICES = (
    ("airflow", "MWAA environment"),
    ("mlflow", "MLflow app"),
    ("mlflow", "MLflow tracking server"),
    ("pipeline", "pipeline"),
)
"""The name of a service for users, and that of its resource type."""
EGRESS = {"nat": "NAT gateway", "endpoints": "VPC endpoint"}
"""The resource type by which subnets reach AWS's services, as the settings name the way."""
MADE_AGAIN = "a pause and the end of the pilot delete it, and `pilothouse resume` makes it again"


def statuses(account: Account) -> list[ServiceStatus]:
    """The existing ones of the orchestrator, MLflow and the pipeline, by name.

    Where the stack is up, what a pause deletes and does not exist is a stopped service.
    """
    try:
        with api.calling():
            found = list(_statuses(account))
            found += _deleted(account, found)
    except api.AwsError as error:
        raise PilothouseError(f"the services' status cannot be read: {error}") from error
    return sorted(found, key=lambda status: status.name)


def _statuses(account: Account) -> Iterator[ServiceStatus]:
    for name, type_name in SERVICES:
        for service in inventory.find(account, TABLE.named(type_name)):
            described = managed.described(service.full_name)
            yield ServiceStatus(name=name, state=described.state, detail=str(described))


def _deleted(account: Account, found: Sequence[ServiceStatus]) -> Iterator[ServiceStatus]:
    """What a pause, or the end of the pilot, has deleted of a stack that is up.

    Its security group is what every stack has, and loses where its data alone are kept.
    """
    plan = account.plan
    groups = inventory.find(account, TABLE.named("security group"))
    if not any(group.name == plan.name(naming.MEMBERS) for group in groups):
        return
    if plan.platform.engine("orchestration") == "airflow" and not any(
        each.name == "airflow" for each in found
    ):
        yield ServiceStatus(name="airflow", state="stopped", detail=f"no environment: {MADE_AGAIN}")
    egress = TABLE.named(EGRESS[plan.settings.network.egress])
    if not plan.settings.network.vpc_id and not any(
        egress.stop and egress.stop.applies(account, each)
        for each in inventory.find(account, egress)
    ):
        yield ServiceStatus(
            name="network", state="stopped", detail=f"no {egress.name}: {MADE_AGAIN}"
        )
