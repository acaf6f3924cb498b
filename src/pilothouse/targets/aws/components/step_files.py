"""The files of the team's steps in the bucket for data, which SageMaker copies into each job."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pulumi_aws.s3 import BucketObjectv2

from pilothouse.targets.aws import naming
from pilothouse.targets.aws.components.team_jobs import step_files

if TYPE_CHECKING:
    import pulumi

    from pilothouse.targets.aws.components.buckets import Bucket
    from pilothouse.targets.aws.components.context import CapabilityContext


def deliver(context: CapabilityContext, bucket: Bucket) -> Sequence[pulumi.Resource]:
    """Put the program of a step and the workload's definition there; nothing without a workload."""
    workload = context.plan.platform.workload
    files = step_files(workload) if workload else {}
    return [
        BucketObjectv2(
            f"step-{name.partition('.')[0].replace('_', '-')}",
            bucket=bucket.resource.bucket,
            key=f"{naming.STEP_FILES}/{name}",
            content=text,
            kms_key_id=context.key_arn,
            tags=dict(context.plan.tags),  # S3 takes ten on an object, so no more than these
            opts=context.factory.options(*bucket.ready),
        )
        for name, text in files.items()
    ]
