"""SageMaker Pipelines: the workload's steps as one pipeline, which costs nothing at rest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pulumi
from pulumi_aws.sagemaker import Pipeline

from pilothouse.contract import Capability, Probe
from pilothouse.targets.aws import naming
from pilothouse.targets.aws.components import iam
from pilothouse.targets.aws.components.pipeline_definition import definition

if TYPE_CHECKING:
    from pilothouse.targets.aws.components.context import CapabilityContext
    from pilothouse.targets.aws.components.workload_jobs import Workload
    from pilothouse.targets.aws.components.workload_steps import Steps

JOBS = "pipelines-"
"""The prefix of the names of a pipeline's jobs, which SageMaker chooses."""


def make(context: CapabilityContext, steps: Steps) -> Capability[pulumi.Input[str]]:
    """Create the pipeline and its role; return what its users get."""
    plan, arn = context.plan, naming.pipeline_arn(context.plan)
    role = context.factory.create_role(naming.PIPELINE, ["sagemaker"], naming.sagemaker_arns(plan))
    policy = context.factory.create_role_policy(naming.PIPELINE, role, iam.allow_jobs(plan, JOBS))
    Pipeline(
        naming.PIPELINE,
        pipeline_name=plan.name(naming.PIPELINE),
        pipeline_display_name=plan.name(naming.PIPELINE),
        pipeline_description=f"The workload of {plan.platform.name}",
        pipeline_definition=steps.workload.apply(_to_definition),
        parallelism_configuration={"max_parallel_execution_steps": plan.parallelism},
        role_arn=role.arn,
        tags=context.factory.tags(naming.PIPELINE),
        opts=context.factory.options(policy, *steps.needs),
    )
    region = context.settings.region
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


def _to_definition(workload: Workload) -> str:
    return json.dumps(definition(workload), sort_keys=True)
