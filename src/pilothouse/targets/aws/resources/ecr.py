"""Amazon ECR: repositories of container images."""

from __future__ import annotations

from collections.abc import Iterator

from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.aws.resources.declaration import (
    AwsResource,
    ListCall,
    Permission,
    regional_arn,
)
from pilothouse.targets.aws.resources.permissions import USE_KEY
from pilothouse.targets.shared.resource_table import FoundResource

REPOSITORY = "aws:ecr/repository:Repository"
_ARN = regional_arn("ecr", "repository/{name}")


def _find_repositories(account: Account) -> Iterator[FoundResource]:
    for repository in account.list_items("ecr", "describe_repositories", "repositories"):
        name, arn = repository["repositoryName"], repository["repositoryArn"]
        if account.belongs_to_stack(name, arn=arn):
            yield FoundResource(id=name, name=name, full_name=arn)


def _delete_repository(account: Account, repository: FoundResource) -> None:
    account.client("ecr").delete_repository(repositoryName=repository.id, force=True)


RESOURCES = (
    AwsResource(
        name="image repository",
        type=REPOSITORY,
        find=_find_repositories,
        delete=_delete_repository,
        permissions=[
            Permission(
                actions="ecr:CreateRepository ecr:DescribeRepositories ecr:DeleteRepository"
                " ecr:TagResource ecr:UntagResource ecr:ListTagsForResource"
                " ecr:PutImageScanningConfiguration ecr:PutImageTagMutability",
                on=[_ARN],
            ),
            USE_KEY,
        ],
        list_actions="ecr:DescribeRepositories",
        availability=ListCall(
            service="ecr", operation="describe_repositories", arguments={"maxResults": 1}
        ),
    ),
    AwsResource(
        name="image lifecycle policy",
        type="aws:ecr/lifecyclePolicy:LifecyclePolicy",
        setting_of=REPOSITORY,
        permissions=[
            Permission(
                actions="ecr:GetLifecyclePolicy ecr:PutLifecyclePolicy ecr:DeleteLifecyclePolicy",
                on=[_ARN],
                inputs_of=REPOSITORY,
            ),
        ],
    ),
)
