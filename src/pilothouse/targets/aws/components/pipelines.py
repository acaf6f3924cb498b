"""SageMaker Pipelines: the workload's steps as one pipeline, which costs nothing at rest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_aws.sagemaker import Pipeline

from pilothouse.contract import Capability, Probe
from pilothouse.targets.aws import naming
from pilothouse.targets.aws.components import iam
from pilothouse.targets.aws.components.pipeline_definition import definition

if TYPE_CHECKING:
    from pilothouse.targets.aws.components.orchestration import AwsOrchestration
    from pilothouse.targets.aws.components.workload_steps import Steps

JOBS = "pipelines-"
"""What SageMaker begins the names of a pipeline's jobs with."""


def make(parent: AwsOrchestration, steps: Steps) -> Capability[pulumi.Input[str]]:
    """The pipeline and its role; what its users get of it."""
    plan, arn = parent.plan, naming.pipeline_arn(parent.plan)
    role = parent.make.role(naming.PIPELINE, ["sagemaker"], naming.sagemaker(plan))
    rights = parent.make.rights(naming.PIPELINE, role, iam.jobs(plan, JOBS))
    Pipeline(
        naming.PIPELINE,
        pipeline_name=plan.name(naming.PIPELINE),
        pipeline_display_name=plan.name(naming.PIPELINE),
        pipeline_description=f"The workload of {plan.platform.name}",
        pipeline_definition=pulumi.Output.from_input(steps.arguments()).apply(_definition),
        parallelism_configuration={"max_parallel_execution_steps": plan.parallelism},
        role_arn=role.arn,
        tags=parent.make.tags(naming.PIPELINE),
        opts=parent.make.options(rights, *steps.needs),
    )
    region = parent.settings.region
    return Capability(
        uri=arn,
        console="",
        submit={
            "kind": "sagemaker-pipeline",
            "pipeline": plan.name(naming.PIPELINE),
            "region": region,
        },
        probes=[Probe(service=naming.PIPELINE, kind="sagemaker-pipeline", address=arn)],
    )


def _definition(arguments: dict[str, Any]) -> str:
    return json.dumps(definition(**arguments), sort_keys=True)
