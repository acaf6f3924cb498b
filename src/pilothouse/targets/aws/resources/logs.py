"""CloudWatch Logs: the stack's log groups, and its streams in groups that all jobs share."""

from __future__ import annotations

from collections.abc import Iterator

from pilothouse.targets.aws.clients.account import Account, name_prefix
from pilothouse.targets.aws.resources import billing
from pilothouse.targets.aws.resources.calls import delete_by
from pilothouse.targets.aws.resources.declaration import (
    AwsResource,
    ListCall,
    Permission,
    regional_arn,
)
from pilothouse.targets.shared.resource_table import FoundResource

SHARED_GROUPS = ("/aws/sagemaker/TrainingJobs", "/aws/sagemaker/ProcessingJobs")
"""Groups of the whole account, in which each job has streams of its own."""


def find_log_groups(account: Account) -> Iterator[FoundResource]:
    """Those with a name or tags of the stack, or whose name a service derived from one."""
    for group in account.list_items("logs", "describe_log_groups", "logGroups"):
        name, arn = group["logGroupName"], group["arn"].removesuffix(":*")
        if account.is_derived_name(name) or account.belongs_to_stack(name, arn=arn):
            size = f"{group.get('storedBytes', 0)} bytes"
            yield FoundResource(id=name, name=name, full_name=arn, detail=size)


def find_log_streams(account: Account) -> Iterator[FoundResource]:
    """Those of the stack's jobs: by their names, or by the tags of jobs that a pipeline named."""
    for group in SHARED_GROUPS:
        if not _exists(account, group):
            continue
        for prefix in (name_prefix(account.plan), *_tagged_jobs(account)):
            for stream in account.list_items(
                "logs",
                "describe_log_streams",
                "logStreams",
                logGroupName=group,
                logStreamNamePrefix=prefix,
            ):
                name = stream["logStreamName"]
                if prefix != name_prefix(account.plan) or account.is_derived_name(name):
                    path = f"{group}/{name}"
                    attributes = {"logGroupName": group, "logStreamName": name}
                    yield FoundResource(id=path, name=path, is_inside=True, attributes=attributes)


def _exists(account: Account, name: str) -> bool:
    groups = account.list_items("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=name)
    return name in [group["logGroupName"] for group in groups]


def _tagged_jobs(account: Account) -> list[str]:
    """The prefixes of the streams of jobs with the stack's tags; jobs are listed for ever."""
    jobs = [arn for arn in account.tagged_arns if "-job/" in arn]
    return sorted(f"{arn.rpartition('/')[2]}/" for arn in jobs)


def _delete_log_stream(account: Account, stream: FoundResource) -> None:
    account.client("logs").delete_log_stream(**stream.attributes)


def _group_arn(pattern: str) -> str:
    return regional_arn("logs", f"log-group:{pattern}")


RESOURCES = (
    AwsResource(
        name="log group",
        type="aws:cloudwatch/logGroup:LogGroup",
        billing=billing.free("its logs are among those of the platform"),
        find=find_log_groups,
        delete=delete_by("logs", "delete_log_group", "logGroupName"),
        permissions=[
            Permission(
                actions="logs:CreateLogGroup logs:PutRetentionPolicy logs:DeleteRetentionPolicy"
                " logs:DeleteLogGroup logs:AssociateKmsKey logs:DisassociateKmsKey"
                " logs:TagResource logs:UntagResource logs:ListTagsForResource",
                on=[_group_arn("{name}"), _group_arn("{name}:*")],
            ),
            Permission(actions="logs:DescribeLogGroups"),
            Permission(actions="logs:GetLogEvents", on=[_group_arn("{name}:*")]),
        ],
        list_actions="logs:DescribeLogGroups",
        availability=ListCall(
            service="logs", operation="describe_log_groups", arguments={"limit": 1}
        ),
    ),
    AwsResource(
        name="log stream",
        find=find_log_streams,
        delete=_delete_log_stream,
        created_by="aws:iam/role:Role",
        permissions=[
            Permission(
                actions="logs:DeleteLogStream logs:GetLogEvents",
                on=[_group_arn("/aws/sagemaker/*")],
            ),
        ],
        list_actions="logs:DescribeLogStreams",
    ),
)
