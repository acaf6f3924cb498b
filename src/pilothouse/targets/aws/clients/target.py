"""Clients of AWS's managed services, each by the caller's own identity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pilothouse.services.clients import Clients
from pilothouse.targets.aws.clients import api, managed, mlflow_auth
from pilothouse.targets.aws.clients.mwaa_runs import EnvironmentApi, mwaa
from pilothouse.targets.aws.clients.mwaa_workload import MwaaWorkloadRuns
from pilothouse.targets.aws.clients.pipeline_runs import PipelineRuns
from pilothouse.targets.aws.clients.pipeline_workload import PipelineWorkloadRuns

if TYPE_CHECKING:
    from pilothouse.contract import Capability, Probe
    from pilothouse.services.airflow.api import Call
    from pilothouse.services.mlflow.client import MlflowClient
    from pilothouse.services.workflows import WorkflowClient
    from pilothouse.services.workload import WorkloadRuns


class AwsClients(Clients):
    """S3, MLflow by its ARN, and MWAA or SageMaker Pipelines."""

    def find_failure(self, probe: Probe) -> str:
        """Why AWS does not say that the service is there and ready; "" if it does."""
        if probe.kind not in _KINDS:
            return super().find_failure(probe)
        try:
            return _KINDS[probe.kind](probe)
        except (api.AwsError, OSError, ValueError) as error:
            return str(error)

    def submitters(self) -> Mapping[str, Callable[[Capability[str]], WorkflowClient]]:
        """Airflow's API by MWAA's, and executions of a pipeline."""
        return {**super().submitters(), "mwaa": mwaa, "sagemaker-pipeline": PipelineRuns}

    def workload_runs(self, orchestration: Capability[str]) -> WorkloadRuns:
        """A client of the runs of the team's workload, by MWAA's Airflow or by its pipeline."""
        if "workload" not in orchestration.submit:
            return super().workload_runs(orchestration)
        if orchestration.submit["kind"] == "mwaa":
            return MwaaWorkloadRuns(orchestration)
        return PipelineWorkloadRuns(orchestration)

    def airflow(self, orchestration: Capability[str]) -> Call:
        """Airflow's API by MWAA's."""
        submit = orchestration.submit
        return EnvironmentApi(submit["environment"], submit["region"])

    def tracking(self, tracking: Capability[str]) -> MlflowClient:
        """A client of the MLflow with the capability's ARN, which signs for the caller."""
        from pilothouse.services.mlflow.client import MlflowClient

        return MlflowClient(*mlflow_auth.access(tracking.uri))


def _probe_bucket(probe: Probe) -> str:
    region, _, bucket = probe.address.removeprefix("s3://").partition("/")
    with api.calling():
        api.client("s3", region).head_bucket(Bucket=bucket)
    return ""


def _probe_service(probe: Probe) -> str:
    found = managed.described(probe.address)
    return "" if found.state == "running" else str(found)


_KINDS: Mapping[str, Callable[[Probe], str]] = {
    "s3": _probe_bucket,
    "mwaa": _probe_service,
    "sagemaker-mlflow": _probe_service,
    "sagemaker-pipeline": _probe_service,
}
