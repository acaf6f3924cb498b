"""What a step of the workload runs with, whoever starts it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi

from pilothouse.targets.aws import naming

if TYPE_CHECKING:
    from pilothouse.targets.aws.components.compute import AwsCompute
    from pilothouse.targets.aws.components.foundation import AwsFoundation
    from pilothouse.targets.aws.components.storage import AwsStorage
    from pilothouse.targets.aws.components.tracking import AwsTracking


@dataclass(frozen=True, kw_only=True)
class Steps:
    """What each step's job is made of; see `jobs.Workload`.

    `needs` is what must be there before the first of them, and is gone after the last.
    """

    image: str
    role_arn: pulumi.Output[str]
    instance_type: str
    environment: Mapping[str, pulumi.Input[str]]
    subnets: Sequence[pulumi.Input[str]]
    security_groups: Sequence[pulumi.Input[str]]
    kms_key: pulumi.Input[str]
    tags: Mapping[str, str]
    needs: Sequence[pulumi.Resource]

    @classmethod
    def of(
        cls,
        foundation: AwsFoundation,
        storage: AwsStorage,
        compute: AwsCompute,
        tracking: AwsTracking,
    ) -> Steps:
        """What the capabilities made so far say of it."""
        known = (storage.outputs, compute.outputs, tracking.outputs)
        return cls(
            image=compute.image,
            role_arn=compute.role.arn,
            instance_type=compute.instance_type,
            environment={key: v for each in known for key, v in each.environment.items()},
            subnets=foundation.network.subnet_ids,
            security_groups=[foundation.network.group.id],
            kms_key=foundation.key_arn or "",
            tags=foundation.make.tags(naming.JOB),
            needs=[
                *foundation.network.ready,
                *storage.data.ready,
                *compute.ready,
                *tracking.ready,
            ],
        )

    def arguments(self) -> dict[str, Any]:
        """What a `jobs.Workload` takes, by its names."""
        return {
            "image": self.image,
            "role_arn": self.role_arn,
            "instance_type": self.instance_type,
            "environment": dict(self.environment),
            "subnets": list(self.subnets),
            "security_groups": list(self.security_groups),
            "kms_key": self.kms_key,
            "tags": dict(self.tags),
        }
