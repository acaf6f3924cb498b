"""Amazon S3: buckets, their settings and the objects that a stack puts there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pilothouse.targets.aws import naming
from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.aws.resources import billing
from pilothouse.targets.aws.resources.declaration import (
    AwsResource,
    ListCall,
    Permission,
    bucket_arn,
)
from pilothouse.targets.aws.resources.permissions import USE_KEY
from pilothouse.targets.shared.resource_table import FoundResource

DELETE_LIMIT = 1000  # objects that one call deletes
DATA_ROLES = (naming.DATA, naming.ARTIFACTS)
"""The roles of the buckets that hold what users created."""

BUCKET = "aws:s3/bucket:Bucket"


def _find_buckets(account: Account) -> Iterator[FoundResource]:
    for bucket in account.list_items("s3", "list_buckets", "Buckets"):
        name = bucket["Name"]
        arn = f"arn:{account.partition}:s3:::{name}"
        if account.belongs_to_stack(name, arn=arn):
            yield FoundResource(id=name, name=name, full_name=arn)


def _delete_bucket(account: Account, bucket: FoundResource) -> None:
    s3 = account.client("s3")
    for page in s3.get_paginator("list_object_versions").paginate(
        Bucket=bucket.id, PaginationConfig={"PageSize": DELETE_LIMIT}
    ):
        _delete_versions(s3, bucket.id, page)
    for upload in account.list_items("s3", "list_multipart_uploads", "Uploads", Bucket=bucket.id):
        s3.abort_multipart_upload(Bucket=bucket.id, Key=upload["Key"], UploadId=upload["UploadId"])
    s3.delete_bucket(Bucket=bucket.id)


def _delete_versions(s3: Any, bucket: str, page: Any) -> None:
    versions = [*(page.get("Versions") or ()), *(page.get("DeleteMarkers") or ())]
    objects = [{"Key": version["Key"], "VersionId": version["VersionId"]} for version in versions]
    for start in range(0, len(objects), DELETE_LIMIT):
        batch = objects[start : start + DELETE_LIMIT]
        s3.delete_objects(Bucket=bucket, Delete={"Objects": batch, "Quiet": True})


def _find_dag_files(account: Account) -> Iterator[FoundResource]:
    """What the team itself put into MWAA's bucket: its DAGs, and what else it keeps there."""
    name, own = account.plan.name(naming.DAGS), naming.source_files(account.plan).values()
    if name not in [bucket.name for bucket in _find_buckets(account)]:
        return
    for key in _keys_in(account, name):
        is_made_here = key in own or key.endswith(("/", ".pyc"))
        if not is_made_here and not _delivered_digest(account, name, key):
            uri = f"s3://{name}/{key}"
            yield FoundResource(
                id=uri, name=uri, is_inside=True, attributes={"Bucket": name, "Key": key}
            )


def delivered_digests(account: Account, bucket: str) -> Mapping[str, str]:
    """The digest of each object of MWAA's bucket that was delivered; "" of what was not."""
    return {key: _delivered_digest(account, bucket, key) for key in _keys_in(account, bucket)}


def _delivered_digest(account: Account, bucket: str, key: str) -> str:
    """It is kept by the object, since the ETag of an encrypted one is no digest."""
    from botocore.exceptions import ClientError

    try:
        head = account.client("s3").head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchKey", "NoSuchBucket"):
            return ""
        raise
    digest: str = head["Metadata"].get(DIGEST, "")
    return digest


def _keys_in(account: Account, bucket: str) -> Iterator[str]:
    """The keys of a bucket's objects; none where it was deleted while it was still listed."""
    from botocore.exceptions import ClientError

    try:
        for item in account.list_items("s3", "list_objects_v2", "Contents", Bucket=bucket):
            yield item["Key"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise


def _delete_dag_file(account: Account, file: FoundResource) -> None:
    account.client("s3").delete_object(**file.attributes)


def _objects_in(account: Account, bucket: FoundResource) -> str:
    """Whether a bucket has any object of users, in a bucket of data be it an old version."""
    if bucket.name == account.plan.name(naming.DAGS):
        return "DAG files of the team" if any(_find_dag_files(account)) else ""
    if bucket.name not in map(account.plan.name, DATA_ROLES):
        return ""
    page = account.client("s3").list_object_versions(Bucket=bucket.id, MaxKeys=1)
    return "objects" if page.get("Versions") or page.get("DeleteMarkers") else ""


def _on_buckets(actions: str) -> Permission:
    return Permission(actions=actions, on=[bucket_arn("{bucket}")], inputs_of=BUCKET)


def _setting(name: str, type_name: str, actions: str) -> AwsResource:
    return AwsResource(
        name=f"bucket {name}",
        type=f"aws:s3/{type_name[0].lower()}{type_name[1:]}:{type_name}",
        setting_of=BUCKET,
        billing=billing.free(),
        permissions=[_on_buckets(actions)],
    )


DIGEST = "pilothouse-sha256"
"""The metadata by which a delivered DAG is known, with the SHA-256 of its content."""

DAG_FILE = "DAG file"
"""What people call an object that a team put into MWAA's bucket."""

RESOURCES = (
    AwsResource(
        name=DAG_FILE,
        find=_find_dag_files,
        delete=_delete_dag_file,
        created_by="aws:mwaa/environment:Environment",
        permissions=[
            Permission(actions="s3:ListBucket", on=[bucket_arn("{bucket}")], inputs_of=BUCKET),
            Permission(
                actions="s3:GetObject s3:DeleteObject",
                on=[bucket_arn("{bucket}/*")],
                inputs_of=BUCKET,
            ),
        ],
        list_actions="s3:ListAllMyBuckets",
    ),
    AwsResource(
        name="bucket",
        type=BUCKET,
        billing=billing.bucket,
        find=_find_buckets,
        delete=_delete_bucket,
        retained_roles=DATA_ROLES,
        data_in=_objects_in,
        permissions=[
            _on_buckets(
                "s3:CreateBucket s3:DeleteBucket s3:ListBucket s3:ListBucketVersions s3:GetBucket*"
                " s3:ListBucketMultipartUploads"
                " s3:GetAccelerateConfiguration s3:GetEncryptionConfiguration"
                " s3:GetLifecycleConfiguration s3:GetReplicationConfiguration s3:PutBucketTagging"
                " s3:ListTagsForResource s3:TagResource s3:UntagResource"
            ),
            Permission(
                actions="s3:DeleteObject s3:DeleteObjectVersion s3:AbortMultipartUpload",
                on=[bucket_arn("{bucket}/*")],
            ),
        ],
        list_actions="s3:ListAllMyBuckets",
        availability=ListCall(service="s3", operation="list_buckets"),
    ),
    _setting("versioning", "BucketVersioning", "s3:GetBucketVersioning s3:PutBucketVersioning"),
    _setting(
        "public access block",
        "BucketPublicAccessBlock",
        "s3:GetBucketPublicAccessBlock s3:PutBucketPublicAccessBlock",
    ),
    _setting(
        "encryption",
        "BucketServerSideEncryptionConfiguration",
        "s3:GetEncryptionConfiguration s3:PutEncryptionConfiguration",
    ),
    _setting(
        "lifecycle",
        "BucketLifecycleConfiguration",
        "s3:GetLifecycleConfiguration s3:PutLifecycleConfiguration",
    ),
    _setting(
        "policy",
        "BucketPolicy",
        "s3:GetBucketPolicy s3:PutBucketPolicy s3:DeleteBucketPolicy",
    ),
    _setting(
        "ownership controls",
        "BucketOwnershipControls",
        "s3:GetBucketOwnershipControls s3:PutBucketOwnershipControls",
    ),
    AwsResource(
        name="object",
        type="aws:s3/bucketObjectv2:BucketObjectv2",
        billing=billing.free("it is among the objects of its bucket"),
        setting_of=BUCKET,
        permissions=[
            Permission(
                actions="s3:PutObject s3:GetObject s3:GetObjectTagging s3:PutObjectTagging"
                " s3:GetObjectVersion s3:DeleteObject s3:DeleteObjectVersion",
                on=[bucket_arn("{bucket}/*")],
                inputs_of=BUCKET,
            ),
            USE_KEY,
        ],
    ),
)
