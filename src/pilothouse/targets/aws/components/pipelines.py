"""SageMaker Pipelines: the workload's steps as one pipeline, which costs nothing at rest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_aws.sagemaker import Pipeline

from pilothouse.contract import Capability, Probe
from pilothouse.services.workload import submission
from pilothouse.targets.aws import naming
from pilothouse.targets.aws.components import iam, team_pipeline, team_schedule
from pilothouse.targets.aws.components.expiry import Hourly
from pilothouse.targets.aws.components.pipeline_definition import definition

if TYPE_CHECKING:
    from pilothouse.targets.aws.components.context import CapabilityContext
    from pilothouse.targets.aws.components.sagemaker_jobs import Workload
    from pilothouse.targets.aws.components.workload_steps import Steps

JOBS = "pipelines-"
"""The prefix of the names of a pipeline's jobs, which SageMaker chooses."""


def make(context: CapabilityContext, steps: Steps) -> Capability[pulumi.Input[str]]:
    """Create the pipeline and its role; return what its users get."""
    plan, arn = context.plan, naming.pipeline_arn(context.plan)
    source = naming.sagemaker_arns(plan)
    role = context.limit.create_role(context.factory, naming.PIPELINE, ["sagemaker"], source)
    policy = context.factory.create_role_policy(naming.PIPELINE, role, iam.allow_jobs(plan, JOBS))

    def create(name: str, description: str, definition: pulumi.Output[str]) -> Pipeline:
        return Pipeline(
            name,
            pipeline_name=plan.name(name),
            pipeline_display_name=plan.name(name),
            pipeline_description=description,
            pipeline_definition=definition,
            parallelism_configuration={"max_parallel_execution_steps": plan.parallelism},
            role_arn=role.arn,
            tags=context.factory.tags(name),
            opts=context.factory.options(policy, *steps.needs),
        )

    create(
        naming.PIPELINE,
        f"The workload of {plan.platform.name}",
        steps.workload.apply(_to_definition),
    )
    submitted: dict[str, str] = {}
    if team := plan.platform.workload:
        submitted = submission(team) | {"workload": plan.name(naming.STEPS)}
        pipeline = create(
            naming.STEPS,
            submitted["definition"],
            steps.workload.apply(
                lambda where: _to_json(team_pipeline.definition(plan, team, where))
            ),
        )
        if team.schedule:
            schedule = team_schedule.make(context, team.schedule, pipeline)
            schedule_id = pulumi.Output.concat(schedule.group_name, "/", schedule.name)
            begins_runs = Hourly(naming.SCHEDULE, "schedule", schedule_id)
            context.expiry.stop(context.factory, naming.SCHEDULE, [begins_runs])
    region = context.settings.region
    return Capability(
        uri=arn,
        console="",
        submit={
            "kind": "sagemaker-pipeline",
            "pipeline": plan.name(naming.PIPELINE),
            "region": region,
            **submitted,
        },
        probes=[Probe(service=naming.PIPELINE, kind="sagemaker-pipeline", address=arn)],
    )


def _to_definition(workload: Workload) -> str:
    return _to_json(definition(workload))


def _to_json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, sort_keys=True)
