"""The objects that MWAA reads from its bucket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_aws.s3 import BucketObjectv2

from pilothouse.targets.aws import naming
from pilothouse.targets.aws.components import mwaa_files

if TYPE_CHECKING:
    from pilothouse.targets.aws.components.buckets import Bucket
    from pilothouse.targets.aws.components.context import CapabilityContext
    from pilothouse.targets.aws.components.workload_jobs import Workload
    from pilothouse.targets.aws.components.workload_steps import Steps


@dataclass(frozen=True)
class Delivered:
    """The objects, and the version of the requirements among them."""

    ready: Sequence[pulumi.Resource]
    requirements_version: pulumi.Output[str]


def deliver(context: CapabilityContext, bucket: Bucket, steps: Steps) -> Delivered:
    """Put the files into the bucket."""
    files = _files(context, steps)
    objects = {
        name: BucketObjectv2(
            name,
            bucket=bucket.resource.bucket,
            key=key,
            content=files[key],
            kms_key_id=context.key_arn,
            tags=dict(context.plan.tags),  # S3 takes ten on an object, so no more than these
            opts=context.factory.options(*bucket.ready),
        )
        for name, key in naming.SOURCE_FILES.items()
    }
    return Delivered([*objects.values()], objects["requirements"].version_id)


def _files(context: CapabilityContext, steps: Steps) -> pulumi.Output[Any]:
    """The text of each file; the jobs' is known once what they use is created."""
    version = context.settings.orchestration.version
    prefix = naming.job_prefix(context.plan)

    def write(workload: Workload) -> Mapping[str, str]:
        return mwaa_files.files(airflow_version=version, job_prefix=prefix, workload=workload)

    return steps.workload.apply(write)
