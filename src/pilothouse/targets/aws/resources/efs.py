"""Amazon EFS: the file systems that SageMaker creates for domains."""

from __future__ import annotations

from collections.abc import Iterator

from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.aws.resources.declaration import AwsResource, Permission, regional_arn
from pilothouse.targets.aws.resources.ec2 import VPC
from pilothouse.targets.aws.resources.ec2_calls import stack_vpcs
from pilothouse.targets.aws.resources.studio import DOMAINS
from pilothouse.targets.shared.resource_table import FoundResource


def _find_file_systems(account: Account) -> Iterator[FoundResource]:
    """Those of the stack's domains, those mounted in its VPC, those with its name or tags."""
    vpcs, homes = stack_vpcs(account), _home_file_systems(account)
    for system in account.list_items("efs", "describe_file_systems", "FileSystems"):
        system_id, name = system["FileSystemId"], system.get("Name", "")
        is_own = account.belongs_to_stack(name, tags=system.get("Tags") or ())
        targets = list(
            account.list_items(
                "efs", "describe_mount_targets", "MountTargets", FileSystemId=system_id
            )
        )
        is_mounted = any(target.get("VpcId") in vpcs for target in targets)
        if is_own or system_id in homes or is_mounted:
            yield FoundResource(
                id=system_id,
                name=name or system_id,
                detail=system["LifeCycleState"],
                is_deleting=system["LifeCycleState"] == "deleting",
                is_inside=not is_own,
                attributes={"targets": [target["MountTargetId"] for target in targets]},
            )


def _home_file_systems(account: Account) -> frozenset[str]:
    sagemaker = account.client("sagemaker")
    domains = (sagemaker.describe_domain(DomainId=found.id) for found in DOMAINS.find(account))
    return frozenset(domain.get("HomeEfsFileSystemId", "") for domain in domains) - {""}


def _delete_file_system(account: Account, system: FoundResource) -> None:
    efs = account.client("efs")
    for target in system.attributes["targets"]:
        efs.delete_mount_target(MountTargetId=target)
    efs.delete_file_system(FileSystemId=system.id)


RESOURCES = (
    AwsResource(
        name="file system",
        find=_find_file_systems,
        delete=_delete_file_system,
        created_by=VPC,
        permissions=[
            Permission(
                actions="elasticfilesystem:DeleteFileSystem elasticfilesystem:DeleteMountTarget",
                on=[regional_arn("elasticfilesystem", "file-system/*")],
            ),
        ],
        list_actions="elasticfilesystem:DescribeFileSystems elasticfilesystem:DescribeMountTargets",
    ),
)
