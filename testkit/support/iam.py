"""What IAM policies allow, and which action of IAM a call of boto3 needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

Document = Mapping[str, Any]
Call = tuple[str, str]
"""A client's service and its operation, such as `("s3", "ListBuckets")`."""

_PREFIXES = {
    "efs": "elasticfilesystem",
    "mwaa": "airflow",
    "resourcegroupstaggingapi": "tag",
    "service-quotas": "servicequotas",
}
_RENAMED = {
    "budgets:CreateBudget": "budgets:ModifyBudget",
    "budgets:CreateNotification": "budgets:ModifyBudget",
    "budgets:CreateSubscriber": "budgets:ModifyBudget",
    "budgets:DeleteBudget": "budgets:ModifyBudget",
    "budgets:DeleteNotification": "budgets:ModifyBudget",
    "budgets:DeleteSubscriber": "budgets:ModifyBudget",
    "budgets:DescribeBudget": "budgets:ViewBudget",
    "budgets:DescribeBudgets": "budgets:ViewBudget",
    "budgets:DescribeNotificationsForBudget": "budgets:ViewBudget",
    "budgets:DescribeSubscribersForNotification": "budgets:ViewBudget",
    "budgets:UpdateBudget": "budgets:ModifyBudget",
    "s3:DeleteBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:DeleteBucketLifecycle": "s3:PutLifecycleConfiguration",
    "s3:DeleteBucketOwnershipControls": "s3:PutBucketOwnershipControls",
    "s3:DeleteBucketTagging": "s3:PutBucketTagging",
    "s3:DeleteObjects": "s3:DeleteObjectVersion",
    "s3:DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:GetBucketAccelerateConfiguration": "s3:GetAccelerateConfiguration",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:GetBucketReplication": "s3:GetReplicationConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:ListMultipartUploads": "s3:ListBucketMultipartUploads",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
}
"""The operations whose action has another name, from the service authorization reference."""


def action_of(call: Call) -> str:
    """The action that a call needs."""
    service, operation = call
    action = f"{_PREFIXES.get(service, service)}:{operation}"
    return _RENAMED.get(action, action)


def refused(documents: Sequence[Document], calls: Iterable[Call]) -> list[str]:
    """The actions of `calls` that no statement of any document allows, on whatever resource."""
    allowed = set(actions(documents))
    needed = {action_of(call) for call in calls}
    return sorted(
        each for each in needed if not any(fnmatchcase(each, pattern) for pattern in allowed)
    )


def actions(documents: Sequence[Document]) -> list[str]:
    """Every action that is allowed anywhere."""
    return [each for statement in statements(documents) for each in statement["Action"]]


def statements(documents: Sequence[Document]) -> list[dict[str, Any]]:
    """The statements of all documents."""
    return [each for document in documents for each in document["Statement"]]
