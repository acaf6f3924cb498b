"""The workload as a SageMaker pipeline: four steps, one after the other."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from pilothouse.targets.aws.components.sagemaker_jobs import Workload
from pilothouse.targets.aws.components.workload_jobs import STEPS, request

SCHEMA = "2020-12-01"
PARAMETER = "RunToken"

# Faults of AWS are retried; any other failure of a step fails the run at once.
RETRIES = (
    {
        "ExceptionType": ["Step.SERVICE_FAULT", "Step.THROTTLING"],
        "IntervalSeconds": 10,
        "BackoffRate": 2.0,
        "MaxAttempts": 3,
    },
    {
        "ExceptionType": ["SageMaker.JOB_INTERNAL_ERROR", "SageMaker.CAPACITY_ERROR"],
        "IntervalSeconds": 30,
        "BackoffRate": 2.0,
        "MaxAttempts": 2,
    },
)


def definition(workload: Workload) -> dict[str, Any]:
    """The pipeline's definition, to be given to SageMaker as JSON.

    Its one parameter is the run's token. Without an experiment's configuration SageMaker creates
    no experiment for a run, which nothing would delete.
    """
    previous = {step: before for before, step in pairwise(STEPS)}
    return {
        "Version": SCHEMA,
        "Parameters": [{"Name": PARAMETER, "Type": "String"}],
        "Steps": [_step(workload, step, previous.get(step)) for step in STEPS],
    }


def _step(workload: Workload, step: str, before: str | None) -> dict[str, Any]:
    return {
        "Name": step,
        "Type": STEPS[step],
        "Arguments": request(workload, step, {"Get": f"Parameters.{PARAMETER}"}),
        "DependsOn": [before] if before else [],
        "RetryPolicies": list(RETRIES),
    }
