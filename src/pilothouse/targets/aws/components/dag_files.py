"""What MWAA reads from its bucket, as objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_aws.s3 import BucketObjectv2

from pilothouse.targets.aws import naming
from pilothouse.targets.aws.components import mwaa_files
from pilothouse.targets.aws.components.mwaa_files import (
    CONSTRAINTS,
    DAG,
    DAG_ID,
    DAGS,
    REQUIREMENTS,
)
from pilothouse.targets.aws.components.workload_jobs import Workload

if TYPE_CHECKING:
    from pilothouse.targets.aws.components.buckets import Bucket
    from pilothouse.targets.aws.components.orchestration import AwsOrchestration
    from pilothouse.targets.aws.components.workload_steps import Steps

KEYS: Mapping[str, str] = {
    "dag": f"{DAGS}/{DAG.name}",
    "jobs": f"{DAGS}/{DAG_ID}.json",
    "constraints": f"{DAGS}/{CONSTRAINTS}",
    "requirements": REQUIREMENTS,
}
"""The keys of the objects by their logical names, which are state."""


@dataclass(frozen=True)
class Delivered:
    """The objects, and the version of the requirements among them."""

    ready: Sequence[pulumi.Resource]
    requirements_version: pulumi.Output[str]


def deliver(parent: AwsOrchestration, bucket: Bucket, steps: Steps) -> Delivered:
    """Put the files into the bucket."""
    files = _files(parent, steps)
    made = {
        name: BucketObjectv2(
            name,
            bucket=bucket.resource.bucket,
            key=key,
            content=files[key],
            kms_key_id=parent.foundation.key_arn,
            tags=dict(parent.plan.tags),  # S3 takes ten on an object, so no more than these
            opts=parent.make.options(*bucket.ready),
        )
        for name, key in KEYS.items()
    }
    return Delivered([*made.values()], made["requirements"].version_id)


def _files(parent: AwsOrchestration, steps: Steps) -> pulumi.Output[Any]:
    """The text of each file; the jobs' is known once what they use is made."""
    version = parent.settings.orchestration.version
    prefix = naming.job_prefix(parent.plan)

    def written(known: dict[str, Any]) -> Mapping[str, str]:
        workload = Workload(**known)
        return mwaa_files.files(airflow_version=version, job_prefix=prefix, workload=workload)

    return pulumi.Output.from_input(steps.arguments()).apply(written)
