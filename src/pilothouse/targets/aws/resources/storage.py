"""Buckets, container images, file systems of a domain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pilothouse.targets.aws.resources.kinds import Found, Kind
from pilothouse.targets.aws.resources.network import vpcs
from pilothouse.targets.aws.resources.studio import domains

if TYPE_CHECKING:
    from pilothouse.targets.aws.clients.account import Account

AT_ONCE = 1000  # objects that one call deletes
DATA = ("data", "artifacts")
"""The roles of the buckets that hold what users made."""


def _buckets(account: Account) -> Iterator[Found]:
    for bucket in account.listed("s3", "list_buckets", "Buckets"):
        name = bucket["Name"]
        arn = f"arn:{account.partition}:s3:::{name}"
        if account.owns(name, arn=arn):
            yield Found(id=name, name=name, arn=arn)


def _delete_bucket(account: Account, found: Found) -> None:
    s3 = account.client("s3")
    for page in s3.get_paginator("list_object_versions").paginate(
        Bucket=found.id, PaginationConfig={"PageSize": AT_ONCE}
    ):
        _delete_versions(s3, found.id, page)
    for upload in account.listed("s3", "list_multipart_uploads", "Uploads", Bucket=found.id):
        s3.abort_multipart_upload(Bucket=found.id, Key=upload["Key"], UploadId=upload["UploadId"])
    s3.delete_bucket(Bucket=found.id)


def _delete_versions(s3: Any, bucket: str, page: Any) -> None:
    found = [*(page.get("Versions") or ()), *(page.get("DeleteMarkers") or ())]
    objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
    for start in range(0, len(objects), AT_ONCE):
        some = objects[start : start + AT_ONCE]
        s3.delete_objects(Bucket=bucket, Delete={"Objects": some, "Quiet": True})


def _objects(account: Account, found: Found) -> str:
    """Whether a bucket of data has anything in it, be it an old version."""
    if found.name not in map(account.plan.name, DATA):
        return ""
    page = account.client("s3").list_object_versions(Bucket=found.id, MaxKeys=1)
    return "objects" if page.get("Versions") or page.get("DeleteMarkers") else ""


def _repositories(account: Account) -> Iterator[Found]:
    for each in account.listed("ecr", "describe_repositories", "repositories"):
        name, arn = each["repositoryName"], each["repositoryArn"]
        if account.owns(name, arn=arn):
            yield Found(id=name, name=name, arn=arn)


def _delete_repository(account: Account, found: Found) -> None:
    account.client("ecr").delete_repository(repositoryName=found.id, force=True)


def _file_systems(account: Account) -> Iterator[Found]:
    """Those of the stack's domains, those mounted in its VPC, those that bear its marks."""
    own, homes = vpcs(account), _homes(account)
    for each in account.listed("efs", "describe_file_systems", "FileSystems"):
        system, name = each["FileSystemId"], each.get("Name", "")
        marked = account.owns(name, tags=each.get("Tags") or ())
        targets = list(
            account.listed("efs", "describe_mount_targets", "MountTargets", FileSystemId=system)
        )
        if marked or system in homes or any(each.get("VpcId") in own for each in targets):
            yield Found(
                id=system,
                name=name or system,
                detail=each["LifeCycleState"],
                going=each["LifeCycleState"] == "deleting",
                inside=not marked,
                about={"targets": [each["MountTargetId"] for each in targets]},
            )


def _homes(account: Account) -> frozenset[str]:
    sagemaker = account.client("sagemaker")
    described = (sagemaker.describe_domain(DomainId=each.id) for each in domains(account))
    return frozenset(each.get("HomeEfsFileSystemId", "") for each in described) - {""}


def _delete_file_system(account: Account, found: Found) -> None:
    efs = account.client("efs")
    for target in found.about["targets"]:
        efs.delete_mount_target(MountTargetId=target)
    efs.delete_file_system(FileSystemId=found.id)


KINDS = (
    Kind(
        name="bucket",
        types=("aws:s3/bucket:Bucket",),
        find=_buckets,
        remove=_delete_bucket,
        keeps=DATA,
        holds=_objects,
    ),
    Kind(
        name="image repository",
        types=("aws:ecr/repository:Repository",),
        find=_repositories,
        remove=_delete_repository,
    ),
    Kind(name="file system", find=_file_systems, remove=_delete_file_system),
)
