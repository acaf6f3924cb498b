"""EventBridge Scheduler: starts the pipeline of the team's workload when its schedule says.

The pipeline gets no parameters, so its own defaults hold: the package that was delivered last and
the parameters of platform.yaml. A schedule names nothing but the pipeline and the role, so it is
left to the service's own key, for which the role needs no right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_aws.scheduler import Schedule, ScheduleGroup

from pilothouse.targets.aws import naming
from pilothouse.targets.aws.components import iam
from pilothouse.targets.aws.settings import schedule

if TYPE_CHECKING:
    from pulumi_aws.sagemaker import Pipeline

    from pilothouse.targets.aws.components.context import CapabilityContext

LATEST = 3600
"""Seconds after its time in which a run may still be started where that failed at first."""
TRIES = 20
"""How often a start is tried again in that time, with growing pauses."""


def make(context: CapabilityContext, cron: str, pipeline: Pipeline) -> Schedule:
    """Create the schedule, its group, which has the tags, and the role that starts the pipeline.

    cron: five fields. ValueError for one that `steps.check` refuses.
    """
    plan, factory, name = context.plan, context.factory, naming.SCHEDULE
    source = naming.schedule_group_arn(plan)
    role = context.limit.create_role(factory, name, ["scheduler"], source)
    start = iam.allow(
        ["sagemaker:StartPipelineExecution"], [naming.pipeline_arn(plan, naming.STEPS)]
    )
    policy = factory.create_role_policy(name, role, [start])
    group = ScheduleGroup(
        name, name=plan.name(name), tags=factory.tags(name), opts=factory.options()
    )
    return Schedule(
        name,
        name=plan.name(name),
        group_name=group.name,
        description=f"Runs the workload of {plan.platform.name}",
        schedule_expression=schedule.to_eventbridge(cron),
        schedule_expression_timezone=schedule.TIME_ZONE,
        flexible_time_window={"mode": "OFF"},
        target={
            "arn": pipeline.arn,
            "role_arn": role.arn,
            "retry_policy": {
                "maximum_event_age_in_seconds": LATEST,
                "maximum_retry_attempts": TRIES,
            },
        },
        opts=factory.options(policy),
    )
