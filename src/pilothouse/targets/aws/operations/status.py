"""How a stack's managed services are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pilothouse.errors import PilothouseError
from pilothouse.targets.aws.clients import api, managed
from pilothouse.targets.aws.resources import named
from pilothouse.targets.interface import ServiceStatus

if TYPE_CHECKING:
    from pilothouse.targets.aws.clients.account import Account

SERVICES = (
    ("airflow", "MWAA environment"),
    ("mlflow", "MLflow app"),
    ("mlflow", "MLflow tracking server"),
    ("pipeline", "pipeline"),
)
"""What users call a service, and what the inventory does."""


def statuses(account: Account) -> list[ServiceStatus]:
    """The orchestrator, MLflow and the pipeline, those that there are, by their names."""
    try:
        with api.calling():
            found = list(_found(account))
    except api.AwsError as error:
        raise PilothouseError(f"the services can't be looked at: {error}") from error
    return sorted(found, key=lambda each: each.name)


def _found(account: Account) -> Iterator[ServiceStatus]:
    for name, kind in SERVICES:
        for each in named(kind).find(account):
            described = managed.described(each.arn)
            yield ServiceStatus(name=name, state=described.state, detail=str(described))
