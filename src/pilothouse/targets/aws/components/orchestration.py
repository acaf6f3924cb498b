"""Orchestration on AWS: managed Airflow, or SageMaker Pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from pilothouse.targets.aws.components import mwaa, pipelines
from pilothouse.targets.aws.components.base import AwsComponent
from pilothouse.targets.aws.components.workload_steps import Steps

if TYPE_CHECKING:
    from pilothouse.targets.aws.components.compute import AwsCompute
    from pilothouse.targets.aws.components.foundation import AwsFoundation
    from pilothouse.targets.aws.components.storage import AwsStorage
    from pilothouse.targets.aws.components.tracking import AwsTracking


class AwsOrchestration(AwsComponent):
    """What runs the workload's four steps, each a job of SageMaker's."""

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
        chosen = mwaa if self.settings.orchestration.kind == "mwaa" else pipelines
        self.promise(chosen.make(self.context, steps))
