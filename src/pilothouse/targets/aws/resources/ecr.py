"""Amazon ECR: repositories of container images."""

from __future__ import annotations

from pilothouse.targets.aws.resources import billing
from pilothouse.targets.aws.resources.calls import Listing, delete_by
from pilothouse.targets.aws.resources.declaration import (
    AwsResource,
    ListCall,
    Permission,
    regional_arn,
)
from pilothouse.targets.aws.resources.permissions import USE_KEY

REPOSITORY = "aws:ecr/repository:Repository"
_ARN = regional_arn("ecr", "repository/{name}")
_REPOSITORIES = Listing(
    service="ecr",
    operation="describe_repositories",
    key="repositories",
    name="repositoryName",
    arn="repositoryArn",
)

RESOURCES = (
    AwsResource(
        name="image repository",
        type=REPOSITORY,
        billing=billing.REPOSITORY,
        find=_REPOSITORIES.find,
        delete=delete_by("ecr", "delete_repository", "repositoryName", force=True),
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
        billing=billing.free(),
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
