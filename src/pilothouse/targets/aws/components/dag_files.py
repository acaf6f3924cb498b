"""The objects that MWAA reads from its bucket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_aws.s3 import BucketObjectv2

from pilothouse.files import write_atomically
from pilothouse.targets.aws import naming
from pilothouse.targets.aws.components import mwaa_files, team_dag

if TYPE_CHECKING:
    from pilothouse.targets.aws.components.buckets import Bucket
    from pilothouse.targets.aws.components.context import CapabilityContext
    from pilothouse.targets.aws.components.sagemaker_jobs import Workload
    from pilothouse.targets.aws.components.workload_steps import Steps

PLUGINS_FOLDER = ".pilothouse/plugins"
"""Where the archive of the plugins is, in the project, while it is uploaded."""


@dataclass(frozen=True)
class Delivered:
    """The objects, and the version of each in the bucket, by their logical names."""

    ready: Sequence[pulumi.Resource]
    versions: Mapping[str, pulumi.Output[str]]


def deliver(context: CapabilityContext, bucket: Bucket, steps: Steps) -> Delivered:
    """Put the files into the bucket."""
    files = _files(context, steps)
    objects = {
        name: BucketObjectv2(
            name,
            bucket=bucket.resource.bucket,
            key=key,
            content=None if name == naming.PLUGINS else files[key],
            source=_plugins(context) if name == naming.PLUGINS else None,
            kms_key_id=context.key_arn,
            tags=dict(context.plan.tags),  # S3 takes ten on an object, so no more than these
            opts=context.factory.options(*bucket.ready),
        )
        for name, key in naming.source_files(context.plan).items()
    }
    versions = {name: made.version_id for name, made in objects.items()}
    return Delivered([*objects.values()], versions)


def _files(context: CapabilityContext, steps: Steps) -> pulumi.Output[Any]:
    """The text of each file; the jobs' is known once what they use is created."""
    version = context.settings.orchestration.version
    prefix, given = naming.job_prefix(context.plan), context.team_files

    plan, team = context.plan, context.plan.platform.workload

    def write(workload: Workload) -> Mapping[str, str]:
        own = mwaa_files.files(
            airflow_version=version, job_prefix=prefix, workload=workload, team_files=given
        )
        return {**own, **(team_dag.files(plan, team, workload) if team else {})}

    return steps.workload.apply(write)


def _plugins(context: CapabilityContext) -> pulumi.Asset:
    """The archive of the plugins as a file: its bytes would fill the state."""
    path = context.plan.project / PLUGINS_FOLDER / f"{context.plan.stack}.zip"
    write_atomically(path, context.team_files.plugins or b"")
    return pulumi.FileAsset(str(path.absolute()))
