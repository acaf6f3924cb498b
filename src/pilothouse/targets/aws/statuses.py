"""How a stack's managed services are, as each describes itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from pilothouse.contract import ServiceStatus
from pilothouse.errors import PilothouseError
from pilothouse.targets.aws.inventory import orchestration, training
from pilothouse.targets.aws.inventory.looking import reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pilothouse.targets.aws.account import Account
    from pilothouse.targets.aws.inventory.kinds import Found

State = Literal["running", "starting", "stopped", "failed"]

_STATES: Mapping[str, State] = {
    "AVAILABLE": "running",
    "UPDATING": "running",
    "CREATING": "starting",
    "CREATING_SNAPSHOT": "starting",
    "PENDING": "starting",
    "ROLLING_BACK": "starting",
    "DELETING": "stopped",
    "Active": "running",
    "Created": "running",
    "Creating": "starting",
    "Deleting": "stopped",
    "Started": "running",
    "Starting": "starting",
    "Stopped": "stopped",
    "Stopping": "stopped",
    "Updated": "running",
    "Updating": "running",
}
"""What MWAA, MLflow and pipelines call their states; any other is a failure."""


def statuses(account: Account) -> list[ServiceStatus]:
    """The orchestrator, MLflow and the pipeline, those that there are, by their names."""
    from botocore.exceptions import BotoCoreError, ClientError

    looks: tuple[tuple[str, Callable[[Account], Iterable[Found]], Any], ...] = (
        ("airflow", orchestration.KINDS[0].find, _of_environment),
        ("mlflow", _kind("MLflow app"), _of_app),
        ("mlflow", _kind("MLflow tracking server"), _of_server),
        ("pipeline", _kind("pipeline"), _of_pipeline),
    )
    try:
        found = [
            ServiceStatus(name=name, state=_STATES.get(state, "failed"), detail=detail)
            for name, find, describe in looks
            for each in find(account)
            for state, detail in [describe(account, each)]
        ]
    except (BotoCoreError, ClientError) as error:
        raise PilothouseError(f"the services can't be looked at: {reason(error)}") from error
    return sorted(found, key=lambda each: each.name)


def _kind(name: str) -> Callable[[Account], Iterable[Found]]:
    return next(kind.find for kind in training.KINDS if kind.name == name)


def _of_environment(_account: Account, found: Found) -> tuple[str, str]:
    last: Mapping[str, Any] = found.about.get("LastUpdate") or {}
    error = (last.get("Error") or {}).get("ErrorMessage", "")
    return found.detail, " ".join(filter(None, (found.name, found.detail, error)))


def _of_app(account: Account, found: Found) -> tuple[str, str]:
    described = account.client("sagemaker").describe_mlflow_app(Arn=found.arn)
    return described["Status"], f"{found.name} {described['Status']}"


def _of_server(account: Account, found: Found) -> tuple[str, str]:
    described = account.client("sagemaker").describe_mlflow_tracking_server(
        TrackingServerName=found.name
    )
    status = described["TrackingServerStatus"]
    return status, f"{found.name} {status}"


def _of_pipeline(account: Account, found: Found) -> tuple[str, str]:
    described = account.client("sagemaker").describe_pipeline(PipelineName=found.name)
    return described["PipelineStatus"], f"{found.name} {described['PipelineStatus']}"
