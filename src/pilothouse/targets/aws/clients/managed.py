"""How AWS's managed services are, as each describes itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pilothouse.targets.aws.clients import api
from pilothouse.targets.aws.clients.api import Arn
from pilothouse.targets.interface import ServiceState

_STATES: Mapping[str, ServiceState] = {
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
    "MaintenanceComplete": "running",
    "Started": "running",
    "Starting": "starting",
    "Stopped": "stopped",
    "Stopping": "stopped",
    "Updated": "running",
    "Updating": "running",
}
"""What MWAA, MLflow and pipelines call their states; any other is a failure."""


@dataclass(frozen=True, kw_only=True)
class Described:
    """A service's state, in the service's own word, and why it failed, if it says so."""

    arn: Arn
    word: str
    reason: str = ""

    @property
    def state(self) -> ServiceState:
        """What its word means."""
        return _STATES.get(self.word, "failed")

    def __str__(self) -> str:
        why = f": {self.reason}" if self.reason else ""
        return f"{self.arn.kind} {self.arn.name} is {self.word}{why}"


def described(text: str) -> Described:
    """The service with an ARN; AwsError if it can't be asked, ValueError for another ARN."""
    arn = Arn.of(text)
    if arn.kind not in _KINDS:
        raise ValueError(f"{text!r} is no ARN of Airflow, MLflow or a pipeline")
    with api.calling():
        return _KINDS[arn.kind](arn)


def _environment(arn: Arn) -> Described:
    found = api.client("mwaa", arn.region).get_environment(Name=arn.name)["Environment"]
    last: Mapping[str, Any] = found.get("LastUpdate") or {}
    reason = (last.get("Error") or {}).get("ErrorMessage", "")
    return Described(arn=arn, word=found["Status"], reason=reason)


def _app(arn: Arn) -> Described:
    found = api.client("sagemaker", arn.region).describe_mlflow_app(Arn=arn.text)
    return Described(arn=arn, word=found["Status"])


def _tracking_server(arn: Arn) -> Described:
    sagemaker = api.client("sagemaker", arn.region)
    found = sagemaker.describe_mlflow_tracking_server(TrackingServerName=arn.name)
    return Described(arn=arn, word=found["TrackingServerStatus"])


def _pipeline(arn: Arn) -> Described:
    found = api.client("sagemaker", arn.region).describe_pipeline(PipelineName=arn.name)
    return Described(arn=arn, word=found["PipelineStatus"])


_KINDS: Mapping[str, Callable[[Arn], Described]] = {
    "environment": _environment,
    "mlflow-app": _app,
    "mlflow-tracking-server": _tracking_server,
    "pipeline": _pipeline,
}
