"""The workload's steps, as MWAA and SageMaker Pipelines run them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pulumi

from pilothouse.targets.aws import naming
from pilothouse.targets.aws.components.sagemaker_jobs import Workload

if TYPE_CHECKING:
    from pilothouse.targets.aws.components.compute import AwsCompute
    from pilothouse.targets.aws.components.foundation import AwsFoundation
    from pilothouse.targets.aws.components.storage import AwsStorage
    from pilothouse.targets.aws.components.tracking import AwsTracking


@dataclass(frozen=True)
class Steps:
    """The workload of every step, known once what it uses is created.

    needs: what has to exist before the first step, and is deleted after the last.
    """

    workload: pulumi.Output[Workload]
    needs: Sequence[pulumi.Resource]

    @classmethod
    def of(
        cls,
        foundation: AwsFoundation,
        storage: AwsStorage,
        compute: AwsCompute,
        tracking: AwsTracking,
    ) -> Steps:
        """The steps that use these capabilities."""
        capabilities = (storage.outputs, compute.outputs, tracking.outputs)
        inputs: dict[str, Any] = {
            "image": compute.image,
            "role_arn": compute.role.arn,
            "instance_type": compute.instance_type,
            "environment": {
                name: value
                for capability in capabilities
                for name, value in capability.environment.items()
            },
            "subnets": list(foundation.network.subnet_ids),
            "security_groups": [foundation.network.group.id],
            "kms_key": foundation.key_arn or "",
            "tags": foundation.factory.tags(naming.JOB),
        }
        return cls(
            pulumi.Output.from_input(inputs).apply(lambda values: Workload(**values)),
            [
                *foundation.network.ready,
                *storage.data.ready,
                *compute.ready,
                *tracking.ready,
            ],
        )

    def after(self, others: Sequence[pulumi.Resource]) -> Steps:
        """These steps, which need `others` too."""
        return replace(self, needs=[*self.needs, *others])
