"""Runs the workload as a SageMaker pipeline: the `sagemaker-pipeline` way of submitting code."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from pilothouse.contract import Capability
from pilothouse.services.workflows import Run, RunTimeouts
from pilothouse.targets.aws.clients import api

PARAMETER = "RunToken"
ENDED = ("Succeeded", "Failed", "Stopped", "CompletedWithFailures")

# Each of the four steps waits for a machine, 3 to 5 minutes.
TIMEOUTS = RunTimeouts(limit=3600.0, poll=10.0, ready=0.0)


class PipelineRuns:
    """Executions of the pipeline that the contract names."""

    timeouts = TIMEOUTS

    def __init__(self, orchestration: Capability[str]) -> None:
        self._pipeline = orchestration.submit["pipeline"]
        self._client = api.client("sagemaker", orchestration.submit["region"])

    def start(self, token: str) -> str:
        """Start an execution that carries `token`; return its ARN.

        A call that is repeated because its answer was lost starts no other one.
        """
        with api.calling():
            started = self._client.start_pipeline_execution(
                PipelineName=self._pipeline,
                PipelineExecutionDisplayName=token.rstrip("-"),
                PipelineParameters=[{"Name": PARAMETER, "Value": token}],
                ClientRequestToken=hashlib.sha256(token.encode()).hexdigest(),
            )
        return str(started["PipelineExecutionArn"])

    def look(self, run: str) -> Run | None:
        """How the execution stands; None while SageMaker can't be asked."""
        try:
            with api.calling():
                return self._look(run)
        except api.AwsUnavailable:
            return None

    def _look(self, run: str) -> Run:
        found = self._client.describe_pipeline_execution(PipelineExecutionArn=run)
        steps = self._listed("list_pipeline_execution_steps", "PipelineExecutionSteps", run)
        steps.sort(key=begun_at)
        state = found["PipelineExecutionStatus"]
        return Run(
            name=f"{self._pipeline}/{run.rpartition('/')[2]}",
            steps=", ".join(f"{step['StepName']} {step['StepStatus']}" for step in steps),
            state=state,
            ended=state in ENDED,
            succeeded=state == "Succeeded",
            token=self._token(run) if state in ENDED else "",
            reason=_reason(found, steps),
        )

    def _token(self, run: str) -> str:
        given = self._listed("list_pipeline_parameters_for_execution", "PipelineParameters", run)
        return next((item["Value"] for item in given if item["Name"] == PARAMETER), "")

    def _listed(self, operation: str, key: str, run: str) -> list[Any]:
        pages = self._client.get_paginator(operation).paginate(PipelineExecutionArn=run)
        return [item for page in pages for item in page[key]]


def begun_at(step: Mapping[str, Any]) -> tuple[bool, str]:
    """What steps are sorted by: when they began, and last those that have not."""
    return not step.get("StartTime"), str(step.get("StartTime"))


def _reason(execution: Mapping[str, Any], steps: Sequence[Mapping[str, Any]]) -> str:
    """Why the steps failed; what the execution itself says adds nothing if one says why."""
    failed = [
        f"{step['StepName']}: {step['FailureReason']}"
        for step in steps
        if step.get("FailureReason")
    ]
    return "; ".join(failed) or str(execution.get("FailureReason", ""))
