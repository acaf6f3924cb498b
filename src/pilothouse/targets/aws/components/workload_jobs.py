"""The built-in workload's four steps: three processing jobs, and one training job.

MWAA or SageMaker Pipelines, which start them, add the run's token and the jobs' names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pilothouse.targets.aws.components import sagemaker_jobs
from pilothouse.targets.aws.components.sagemaker_jobs import Job, Workload
from pilothouse.targets.aws.settings.steps import Kind

STEPS: Mapping[str, Kind] = {
    "prepare": "Processing",
    "train": "Training",
    "register": "Processing",
    "predict": "Processing",
}
"""The workload's steps in their order, and the kind of job that each is."""

COMMAND = "pilothouse-workload"
LIMIT = 1800  # seconds that a step may run; it takes less than a minute


def request(workload: Workload, step: str, token: object) -> dict[str, Any]:
    """The request for the step's job, without the job's name.

    `token` is the value of RUN_TOKEN: a text, or a pipeline's reference to its parameter.
    """
    job = Job(
        kind=STEPS[step],
        command=[COMMAND],
        arguments=[step],
        variables={"RUN_TOKEN": token},
        seconds=LIMIT,
    )
    return sagemaker_jobs.request(workload, job)
