"""Buckets as every stack has them: private, encrypted, accessed over TLS, versioned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_aws.s3 import Bucket as S3Bucket
from pulumi_aws.s3 import (
    BucketLifecycleConfiguration,
    BucketOwnershipControls,
    BucketPolicy,
    BucketPublicAccessBlock,
    BucketServerSideEncryptionConfiguration,
    BucketVersioning,
)

from pilothouse.targets.aws.components import iam
from pilothouse.targets.shared.protection import protect

if TYPE_CHECKING:
    from pilothouse.targets.aws.components.factory import ResourceFactory

UNFINISHED_DAYS = 7
"""Days after which the parts of an unfinished upload are deleted."""


@dataclass(frozen=True)
class Bucket:
    """A bucket, and the settings that secure it, which have to exist before it is used."""

    name: str
    resource: S3Bucket
    ready: Sequence[pulumi.Resource]

    @property
    def uri(self) -> str:
        """`s3://…`"""
        return f"s3://{self.name}"


def make_bucket(
    factory: ResourceFactory, role: str, key_arn: pulumi.Output[str] | None, *, versioned: bool
) -> Bucket:
    """The bucket of `role`, with the settings that secure it."""
    bucket = S3Bucket(
        role,
        bucket=factory.plan.name(role),
        force_destroy=True,  # without it, a destroy fails if there is any object
        tags=factory.tags(role),
        opts=protect(role, factory.options()),
    )
    closed = _block_public_access(factory, role, bucket)
    versions = BucketVersioning(
        role,
        bucket=bucket.bucket,
        versioning_configuration={"status": "Enabled" if versioned else "Suspended"},
        opts=factory.options(),
    )
    settings = [*closed, versions, _encrypt(factory, role, bucket, key_arn)]
    _expire_versions(factory, role, bucket, versions)
    return Bucket(factory.plan.name(role), bucket, settings)


def _block_public_access(
    factory: ResourceFactory, role: str, bucket: S3Bucket
) -> list[pulumi.Resource]:
    """Block public access, disable access lists, and add a bucket policy."""
    block = BucketPublicAccessBlock(
        role,
        bucket=bucket.bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=factory.options(),
    )
    owned = BucketOwnershipControls(
        role,
        bucket=bucket.bucket,
        rule={"object_ownership": "BucketOwnerEnforced"},
        opts=factory.options(),
    )
    # S3 refuses a policy while the block is being put.
    policy = BucketPolicy(
        role,
        bucket=bucket.bucket,
        policy=iam.build_bucket_policy(factory.plan, role),
        opts=factory.options(block),
    )
    return [block, owned, policy]


def _encrypt(
    factory: ResourceFactory, role: str, bucket: S3Bucket, key_arn: pulumi.Output[str] | None
) -> pulumi.Resource:
    default: dict[str, Any] = {"sse_algorithm": "AES256"}
    if key_arn is not None:
        default = {"sse_algorithm": "aws:kms", "kms_master_key_id": key_arn}
    made: pulumi.Resource = BucketServerSideEncryptionConfiguration(
        role,
        bucket=bucket.bucket,
        rules=[
            {
                "apply_server_side_encryption_by_default": default,
                "bucket_key_enabled": key_arn is not None,
            }
        ],
        opts=factory.options(),
    )
    return made


def _expire_versions(
    factory: ResourceFactory, role: str, bucket: S3Bucket, versions: BucketVersioning
) -> None:
    """Expire unfinished uploads, and old versions after the platform's retention period."""
    days = factory.plan.platform.storage.retention_days
    BucketLifecycleConfiguration(
        role,
        bucket=bucket.bucket,
        rules=[
            {
                "id": "old-versions",
                "status": "Enabled",
                "filter": {"prefix": ""},
                "noncurrent_version_expiration": {"noncurrent_days": days},
                "expiration": {"expired_object_delete_marker": True},
            },
            {
                "id": "unfinished-uploads",
                "status": "Enabled",
                "filter": {"prefix": ""},
                "abort_incomplete_multipart_upload": {"days_after_initiation": UNFINISHED_DAYS},
            },
        ],
        opts=factory.options(versions),
    )
