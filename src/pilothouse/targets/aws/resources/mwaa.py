"""Amazon MWAA, managed Airflow, which IAM calls `airflow`."""

from __future__ import annotations

from collections.abc import Iterator

from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.aws.resources import billing
from pilothouse.targets.aws.resources.calls import by, count, delete_by
from pilothouse.targets.aws.resources.declaration import (
    AwsResource,
    ListCall,
    Permission,
    Quota,
    Stop,
    regional_arn,
)
from pilothouse.targets.aws.resources.permissions import USE_KEY, create_service_role, pass_role
from pilothouse.targets.shared.resource_table import FoundResource


def _find_environments(account: Account) -> Iterator[FoundResource]:
    mwaa = account.client("mwaa")
    for name in account.list_items("mwaa", "list_environments", "Environments"):
        if not account.belongs_to_stack(name):
            continue
        environment = mwaa.get_environment(Name=name)["Environment"]
        status = environment["Status"]
        if status != "DELETED":
            yield FoundResource(
                id=name,
                name=name,
                full_name=environment["Arn"],
                detail=status,
                is_deleting=status == "DELETING",
            )


RESOURCES = (
    AwsResource(
        name="MWAA environment",
        type="aws:mwaa/environment:Environment",
        billing=billing.environment,
        find=_find_environments,
        delete=delete_by("mwaa", "delete_environment", "Name"),
        # It cannot be stopped, and it is billed as long as it exists.
        stop=Stop(
            service="mwaa",
            operation="delete_environment",
            action="airflow:DeleteEnvironment",
            on=regional_arn("airflow", "environment/{id}"),
            arguments=by("Name"),
        ),
        permissions=[
            Permission(
                actions="airflow:CreateEnvironment airflow:GetEnvironment"
                " airflow:UpdateEnvironment airflow:DeleteEnvironment airflow:TagResource"
                " airflow:UntagResource airflow:ListTagsForResource",
                on=[regional_arn("airflow", "environment/{name}")],
            ),
            pass_role("airflow", "airflow-env"),
            create_service_role("airflow"),
            Permission(
                actions="ec2:CreateVpcEndpoint ec2:CreateNetworkInterface",
                on=[
                    regional_arn("ec2", f"{kind}/*")
                    for kind in (
                        *("vpc", "subnet", "security-group"),
                        *("vpc-endpoint", "network-interface"),
                    )
                ],
            ),
            Permission(actions="ec2:DescribeSubnets ec2:DescribeVpcs ec2:DescribeSecurityGroups"),
            USE_KEY,
        ],
        list_actions="airflow:ListEnvironments",
        quota=Quota(
            service="airflow",
            name="Environments per account per Region",
            count_used=count("mwaa", "list_environments", "Environments"),
        ),
        availability=ListCall(
            service="mwaa", operation="list_environments", arguments={"MaxResults": 1}
        ),
    ),
)
