"""Runs of the team's workload as executions of its SageMaker pipeline."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pilothouse.errors import PilothouseError, Refused
from pilothouse.services.workload import RunRequest, StepRun, WorkloadRun
from pilothouse.targets.aws.clients import api, job_logs
from pilothouse.targets.aws.clients.api import Arn
from pilothouse.targets.aws.clients.pipeline_runs import ENDED, begun_at
from pilothouse.targets.aws.naming import INPUTS_PARAMETER, PACKAGE_PARAMETER

if TYPE_CHECKING:
    from pilothouse.contract import Capability
    from pilothouse.targets.aws.settings.steps import Kind

KINDS: Mapping[str, Kind] = {"ProcessingJob": "Processing", "TrainingJob": "Training"}
UNKNOWN = ("ResourceNotFound", "ValidationException")
OVER = ("Succeeded", "Failed", "Stopped")


class PipelineWorkloadRuns:
    """WorkloadRuns of the pipeline that the contract names; a run is named by its execution."""

    def __init__(self, orchestration: Capability[str]) -> None:
        self._pipeline = orchestration.submit["workload"]
        self._region = orchestration.submit["region"]
        self._client = api.client("sagemaker", self._region)

    def start(self, request: RunRequest, definition: str) -> str:
        """Start an execution; its id.

        Raises PilothouseError where the pipeline has another definition.
        """
        with api.calling():
            found = self._client.describe_pipeline(PipelineName=self._pipeline)
            if found.get("PipelineDescription") != definition:
                raise PilothouseError(
                    f"pipeline {self._pipeline} has other steps than the stack was set up with: "
                    "run `pilothouse up`"
                )
            started = self._client.start_pipeline_execution(
                PipelineName=self._pipeline,
                PipelineExecutionDisplayName=request.token,
                PipelineParameters=_parameters(request),
                ClientRequestToken=hashlib.sha256(request.token.encode()).hexdigest(),
                **self._selection(found["PipelineArn"], request),
            )
        return _id_of(started["PipelineExecutionArn"])

    def _selection(self, pipeline: str, request: RunRequest) -> Mapping[str, Any]:
        """The steps that alone are run; SageMaker takes the others from the run of the inputs."""
        if not request.steps:
            return {}
        chosen: dict[str, Any] = {"SelectedSteps": [{"StepName": name} for name in request.steps]}
        if request.inputs:
            chosen["SourcePipelineExecutionArn"] = f"{pipeline}/execution/{request.inputs}"
        return {"SelectiveExecutionConfig": chosen}

    def recent(self, limit: int) -> list[WorkloadRun]:
        """The executions that were started last."""
        with api.calling():
            found = self._client.list_pipeline_executions(
                PipelineName=self._pipeline,
                SortBy="CreationTime",
                SortOrder="Descending",
                MaxResults=limit,
            )
        return [_run(each) for each in found["PipelineExecutionSummaries"]]

    def look(self, run: str) -> WorkloadRun:
        """The execution with the steps that have begun."""
        arn = self._arn(run)
        try:
            with api.calling():
                found = self._client.describe_pipeline_execution(PipelineExecutionArn=arn)
                steps = self._listed("list_pipeline_execution_steps", "PipelineExecutionSteps", arn)
                given = self._listed(
                    "list_pipeline_parameters_for_execution", "PipelineParameters", arn
                )
        except api.AwsError as error:
            if error.code in UNKNOWN:
                raise Refused(f"no run {run!r}; `pilothouse runs` lists them") from None
            raise
        steps.sort(key=begun_at)
        return _run(found, [_step(step) for step in steps], given)

    def log(self, run: str, step: StepRun) -> list[str]:
        """What the job of the step's last try said; of one without a job, why that is so."""
        with api.calling():
            steps = self._listed(
                "list_pipeline_execution_steps", "PipelineExecutionSteps", self._arn(run)
            )
        found = next(each for each in steps if each["StepName"] == step.name)
        reason = [found["FailureReason"]] if found.get("FailureReason") else []
        for key, kind in KINDS.items():
            if job := found.get("Metadata", {}).get(key):
                name = Arn.of(job["Arn"]).name
                said = job_logs.read(self._region, kind, name, is_over=step.is_over)
                return said or reason
        return reason

    def cancel(self, run: str) -> None:
        """Stop the execution, which stops its jobs."""
        with api.calling():
            self._client.stop_pipeline_execution(
                PipelineExecutionArn=self._arn(run),
                ClientRequestToken=hashlib.sha256(run.encode()).hexdigest(),
            )

    def _arn(self, run: str) -> str:
        with api.calling():
            pipeline = self._client.describe_pipeline(PipelineName=self._pipeline)
        return f"{pipeline['PipelineArn']}/execution/{run}"

    def _listed(self, operation: str, key: str, arn: str) -> list[Any]:
        pages = self._client.get_paginator(operation).paginate(PipelineExecutionArn=arn)
        return [item for page in pages for item in page[key]]


def _id_of(arn: str) -> str:
    return arn.rpartition("/")[2]


def _parameters(request: RunRequest) -> list[dict[str, str]]:
    own = {PACKAGE_PARAMETER: request.package, INPUTS_PARAMETER: request.inputs}
    values = {name: value for name, value in own.items() if value}
    for name, value in request.parameters.items():
        values[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return [{"Name": name, "Value": value} for name, value in values.items()]


def _run(
    found: Mapping[str, Any],
    steps: Sequence[StepRun] = (),
    parameters: Sequence[Mapping[str, str]] = (),
) -> WorkloadRun:
    state = found["PipelineExecutionStatus"]
    started = found.get("CreationTime") or found.get("StartTime")
    return WorkloadRun(
        name=_id_of(found["PipelineExecutionArn"]),
        state=state,
        ended=state in ENDED,
        succeeded=state == "Succeeded",
        started=_time(started),
        finished=_time(found.get("LastModifiedTime")) if state in ENDED else "",
        parameters={
            item["Name"]: item["Value"]
            for item in parameters
            if item["Name"] not in (PACKAGE_PARAMETER, INPUTS_PARAMETER)
        },
        steps=steps,
    )


def _step(found: Mapping[str, Any]) -> StepRun:
    return StepRun(
        name=found["StepName"],
        state=found["StepStatus"],
        tries=found.get("AttemptCount") or (1 if found.get("StartTime") else 0),
        started=_time(found.get("StartTime")),
        ended=_time(found.get("EndTime")),
        is_over=found["StepStatus"] in OVER,
    )


def _time(time: Any) -> str:
    """A time of botocore's, a datetime, in ISO 8601."""
    return time.isoformat() if time else ""
