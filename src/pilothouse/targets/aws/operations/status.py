"""The status of a stack's managed services."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pilothouse.errors import PilothouseError
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


def statuses(account: Account) -> list[ServiceStatus]:
    """The existing ones of the orchestrator, MLflow and the pipeline, by name."""
    try:
        with api.calling():
            found = list(_statuses(account))
    except api.AwsError as error:
        raise PilothouseError(f"the services' status cannot be read: {error}") from error
    return sorted(found, key=lambda status: status.name)


def _statuses(account: Account) -> Iterator[ServiceStatus]:
    for name, type_name in SERVICES:
        for service in inventory.find(account, TABLE.named(type_name)):
            described = managed.described(service.full_name)
            yield ServiceStatus(name=name, state=described.state, detail=str(described))
