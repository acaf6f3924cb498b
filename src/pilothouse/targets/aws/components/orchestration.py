"""Orchestration on AWS: managed Airflow, or SageMaker Pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pilothouse.targets.aws.components import mwaa, pipelines, step_files
from pilothouse.targets.aws.components.base import AwsComponent
from pilothouse.targets.aws.components.workload_steps import Steps

if TYPE_CHECKING:
    import pulumi

    from pilothouse.targets.aws.components.compute import AwsCompute
    from pilothouse.targets.aws.components.foundation import AwsFoundation
    from pilothouse.targets.aws.components.storage import AwsStorage
    from pilothouse.targets.aws.components.tracking import AwsTracking


class AwsOrchestration(AwsComponent):
    """What runs the workload's steps, each a job of SageMaker's; an engine publishes it."""

    def __init__(
        self,
        name: str,
        foundation: AwsFoundation,
        storage: AwsStorage,
        compute: AwsCompute,
        tracking: AwsTracking,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, foundation, opts)
        steps = Steps.of(foundation, storage, compute, tracking)
        self.run(steps.after(step_files.deliver(self.context, storage.data)))
        self.context.limit.act(self.factory)

    def run(self, steps: Steps) -> None:
        """Make what runs `steps`, and publish it."""
        raise NotImplementedError


class MwaaOrchestration(AwsOrchestration):
    """Airflow, managed by MWAA."""

    def run(self, steps: Steps) -> None:
        """Make the environment, and publish it."""
        self.publish(mwaa.make(self.context, steps))


class PipelinesOrchestration(AwsOrchestration):
    """SageMaker Pipelines, which cost nothing while nothing runs."""

    def run(self, steps: Steps) -> None:
        """Make the pipeline, and publish it."""
        self.publish(pipelines.make(self.context, steps))
