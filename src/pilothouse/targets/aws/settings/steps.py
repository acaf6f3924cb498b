"""What the steps of the team's workload are on AWS: their machines, image and secrets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from pilothouse.config.quantities import seconds_of
from pilothouse.errors import InvalidInput, Problem
from pilothouse.targets.aws.settings import instances, schedule

if TYPE_CHECKING:
    from pilothouse.config.workload import Step, Workload
    from pilothouse.targets.aws.settings.target import AwsPlan

Kind = Literal["Processing", "Training"]

VALUE_LIMIT = 256
"""Characters of a variable of a processing job, by SageMaker's API."""
IMAGE_PYTHON = "3.11"
"""The Python of the workload's image, as its Dockerfile says."""
AIRFLOW_2 = "2."
SPARE = 900
"""Seconds of a job besides its command: the package, the inputs, the outputs."""
LONGEST: Mapping[Kind, int] = {"Processing": 5 * 86400, "Training": 28 * 86400}
"""The seconds that a job of each kind may run, by SageMaker's quotas."""
_GIB = 1024


def kind_of(step: Step) -> Kind:
    """The kind of SageMaker's job that a step is: with GPUs a training job."""
    return "Training" if step.resources.gpus else "Processing"


def tries_of(plan: AwsPlan, step: Step) -> int:
    """How often the step's job itself tries its command.

    Airflow makes another job for each try; a pipeline begins none for a command that fails.
    """
    return 1 if plan.platform.orchestration.engine == "airflow" else step.retries + 1


def job_seconds(step: Step, tries: int) -> int:
    """How long the step's job may run."""
    return seconds_of(step.timeout) * tries + SPARE


def machine_of(plan: AwsPlan, step: Step) -> str:
    """The instance type for a step: the smallest that fits, or that of all jobs.

    ValueError for a step that `check` refuses.
    """
    wanted = step.resources
    if not (wanted.cpu or wanted.memory or wanted.gpus):
        return default_machine(plan)
    found = _fitting(step)
    if found is None:
        raise ValueError(f"step {step.name} fits no machine")
    return found.type


def machines(plan: AwsPlan) -> list[str]:
    """The instance type of each step's job, or of those of the built-in workload."""
    if workload := plan.platform.workload:
        return [machine_of(plan, step) for step in workload.steps]
    return [default_machine(plan)]


def check(plan: AwsPlan) -> None:
    """Raise InvalidInput where SageMaker's jobs cannot run the steps of the plan's workload."""
    if (workload := plan.platform.workload) and (problems := list(_problems(plan, workload))):
        raise InvalidInput(problems)


def default_machine(plan: AwsPlan) -> str:
    """The instance type of a job that asks for nothing."""
    platform, named = plan.platform, plan.settings.compute.instance_type
    return named or instances.choose(platform.size, platform.compute.gpus)


def _fitting(step: Step) -> instances.Machine | None:
    wanted = step.resources
    return instances.find_machine(
        (wanted.cpu or 0) / 1000, (wanted.memory or 0) / _GIB, wanted.gpus
    )


def _problems(plan: AwsPlan, workload: Workload) -> Iterator[Problem]:
    yield from _too_large(plan, workload)
    yield from _too_slow(plan, workload)
    yield from _too_long(plan, workload)
    platform, settings = plan.platform, plan.settings
    if settings.workload.image is None and workload.python != IMAGE_PYTHON:
        yield platform.problem(
            "workload.python",
            found=f"{workload.python}, and the image of the steps has {IMAGE_PYTHON}",
            remedy=f'set "{IMAGE_PYTHON}", or name an image with that Python as `workload.image` '
            "under `pilothouse:aws` in the stack file",
        )
    engine, version = platform.orchestration.engine, settings.orchestration.version
    if engine == "airflow" and version.startswith(AIRFLOW_2):
        yield platform.problem(
            "workload",
            found=f"a workload with Airflow {version}",
            remedy="set `orchestration.version: 3.0.6` under `pilothouse:aws` in the stack file: "
            "runs are started and followed by the API of Airflow 3",
        )
    if engine == "managed" and workload.schedule:
        yield from _inexpressible(plan, workload.schedule)


def _inexpressible(plan: AwsPlan, cron: str) -> Iterator[Problem]:
    if obstacle := schedule.find_obstacle(cron):
        yield plan.platform.problem(
            "workload.schedule",
            found=obstacle.found,
            remedy=f"{obstacle.remedy}, or set orchestration.engine: airflow",
        )


def _too_large(plan: AwsPlan, workload: Workload) -> Iterator[Problem]:
    for number, step in enumerate(workload.steps):
        if _fitting(step) is None:
            wanted = step.resources
            largest = [each for each in instances.MACHINES if bool(each.gpus) == bool(wanted.gpus)]
            most = largest[-1]
            yield plan.platform.problem(
                ("workload", "steps", number, "resources"),
                found=f"more than any machine has for step {step.name}",
                remedy=f"ask for at most {most.cores} cores, {most.memory}Gi and {most.gpus} GPUs, "
                f"as {most.type} has",
            )


def _too_slow(plan: AwsPlan, workload: Workload) -> Iterator[Problem]:
    for number, step in enumerate(workload.steps):
        kind, tries = kind_of(step), tries_of(plan, step)
        if job_seconds(step, tries) > LONGEST[kind]:
            most = (LONGEST[kind] - SPARE) // tries // 3600
            yield plan.platform.problem(
                ("workload", "steps", number, "timeout"),
                found=f"{step.timeout} for each of {tries} tries of step {step.name}",
                remedy=f"set at most {most}h: a {kind.lower()} job of SageMaker's may run "
                f"{LONGEST[kind] // 86400} days",
            )


def _too_long(plan: AwsPlan, workload: Workload) -> Iterator[Problem]:
    for name, value in workload.parameters.items():
        if len(str(value)) > VALUE_LIMIT:
            yield plan.platform.problem(
                ("workload", "parameters", name),
                found=f"{len(str(value))} characters",
                remedy=f"shorten it to {VALUE_LIMIT}, which a variable of a job may have, or put "
                "it into a file of the package",
            )
