"""The steps of the team's workload as SageMaker's jobs.

A job with GPUs is a training job, every other one a processing job. Each gets the program of a
step and the workload's definition as files, and says in its variables which run it is of.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pilothouse.services import workload as services
from pilothouse.services.workload import DAG_ID, RUN_STEP
from pilothouse.targets.aws import naming
from pilothouse.targets.aws.components import sagemaker_jobs
from pilothouse.targets.aws.components.sagemaker_jobs import FILES_FOLDER, Job
from pilothouse.targets.aws.settings import steps

if TYPE_CHECKING:
    from pilothouse.config.workload import Step, Workload
    from pilothouse.targets.aws.settings.target import AwsPlan

DEFINITION_FILE = f"{DAG_ID}.json"


@dataclass(frozen=True, kw_only=True)
class RunVariables:
    """How what starts a job writes what is the run's own: texts, or expressions of a pipeline."""

    run: object
    package: object
    inputs: object
    parameters: Mapping[str, object]

    def all(self) -> Mapping[str, object]:
        """The variables that `run_step.py` reads."""
        own = {"RUN_ID": self.run, "RUN_PACKAGE": self.package, "RUN_INPUTS": self.inputs}
        return own | {f"PARAM_{name.upper()}": value for name, value in self.parameters.items()}


def step_files(workload: Workload) -> Mapping[str, str]:
    """The texts of the files that every job has, by their names."""
    return {
        RUN_STEP.name: RUN_STEP.read_text(encoding="utf-8"),
        DEFINITION_FILE: json.dumps(services.definition(workload), sort_keys=True),
    }


def request(
    plan: AwsPlan,
    where: sagemaker_jobs.Workload,
    step: Step,
    variables: RunVariables,
) -> dict[str, Any]:
    """The request for the job of a step, without its name."""
    kind, tries = steps.kind_of(step), steps.tries_of(plan, step)
    job = Job(
        kind=kind,
        command=["python", f"{FILES_FOLDER[kind]}/{RUN_STEP.name}"],
        arguments=[*_options(plan, tries), f"{FILES_FOLDER[kind]}/{DEFINITION_FILE}", step.name],
        variables=variables.all(),
        seconds=steps.job_seconds(step, tries),
        files=f"{where.environment['DATA_URI']}/{naming.STEP_FILES}/",
    )
    settings = plan.settings.workload
    image, machine = settings.image or where.image, steps.machine_of(plan, step)
    return sagemaker_jobs.request(replace(where, image=image, instance_type=machine), job)


def _options(plan: AwsPlan, tries: int) -> Sequence[str]:
    secret, workload = plan.settings.workload.secret, plan.platform.workload
    needed = ["--secret", secret] if secret and workload and workload.secrets else []
    return [*needed, "--tries", str(tries)]
