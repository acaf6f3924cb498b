"""A recorded stack as the JSON of a Terraform plan, which scanners read.

Terraform calls the same things otherwise: types by the table below, attributes in snake case, a
block where Pulumi has one object is a list of one, and a list of blocks has a singular name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.targets.aws.policies.view import Stack, given
from tests.targets.suite.recorder import Recorded

TYPES: Mapping[str, str] = {
    "aws:budgets/budget:Budget": "aws_budgets_budget",
    "aws:budgets/budgetAction:BudgetAction": "aws_budgets_budget_action",
    "aws:cloudwatch/logGroup:LogGroup": "aws_cloudwatch_log_group",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": "aws_default_security_group",
    "aws:ec2/eip:Eip": "aws_eip",
    "aws:ec2/flowLog:FlowLog": "aws_flow_log",
    "aws:ec2/internetGateway:InternetGateway": "aws_internet_gateway",
    "aws:ec2/natGateway:NatGateway": "aws_nat_gateway",
    "aws:ec2/route:Route": "aws_route",
    "aws:ec2/routeTable:RouteTable": "aws_route_table",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "aws_route_table_association",
    "aws:ec2/securityGroup:SecurityGroup": "aws_security_group",
    "aws:ec2/subnet:Subnet": "aws_subnet",
    "aws:ec2/vpc:Vpc": "aws_vpc",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "aws_vpc_endpoint",
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": "aws_ecr_lifecycle_policy",
    "aws:ecr/repository:Repository": "aws_ecr_repository",
    "aws:iam/policy:Policy": "aws_iam_policy",
    "aws:iam/role:Role": "aws_iam_role",
    "aws:iam/rolePolicy:RolePolicy": "aws_iam_role_policy",
    "aws:kms/alias:Alias": "aws_kms_alias",
    "aws:kms/key:Key": "aws_kms_key",
    "aws:mwaa/environment:Environment": "aws_mwaa_environment",
    "aws:s3/bucket:Bucket": "aws_s3_bucket",
    "aws:s3/bucketObjectv2:BucketObjectv2": "aws_s3_object",
    "aws:sagemaker/domain:Domain": "aws_sagemaker_domain",
    "aws:sagemaker/mlflowApp:MlflowApp": "aws_sagemaker_mlflow_app",
    "aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer": (
        "aws_sagemaker_mlflow_tracking_server"
    ),
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": "aws_sagemaker_model_package_group",
    "aws:sagemaker/pipeline:Pipeline": "aws_sagemaker_pipeline",
    "aws:sagemaker/userProfile:UserProfile": "aws_sagemaker_user_profile",
    "aws:scheduler/schedule:Schedule": "aws_scheduler_schedule",
    "aws:scheduler/scheduleGroup:ScheduleGroup": "aws_scheduler_schedule_group",
    **{
        f"aws:s3/bucket{part}:Bucket{part}": f"aws_s3_bucket_{name}"
        for part, name in {
            "LifecycleConfiguration": "lifecycle_configuration",
            "OwnershipControls": "ownership_controls",
            "Policy": "policy",
            "PublicAccessBlock": "public_access_block",
            "ServerSideEncryptionConfiguration": "server_side_encryption_configuration",
            "Versioning": "versioning",
        }.items()
    },
}

BLOCKS = {
    "cost_filters": "cost_filter",
    "encryption_configurations": "encryption_configuration",
    "notifications": "notification",
    "rules": "rule",
}
"""Lists of blocks, which Pulumi gives a plural."""

MAPS = {"tags", "airflow_configuration_options"}
"""What is a map there too, and no block."""


def plan(stack: Stack) -> dict[str, Any]:
    """What `terraform show -json` says of a plan that makes the stack; KeyError for a new type."""
    resources = [_resource(stack, resource) for resource in stack.resources]
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.8",
        "planned_values": {"root_module": {"resources": resources}},
        "resource_changes": [_change(resource) for resource in resources],
        "configuration": {
            "root_module": {
                "resources": [
                    {
                        **_address(resource),
                        "mode": "managed",
                        "expressions": _references(stack, resource),
                    }
                    for resource in stack.resources
                ]
            }
        },
    }


def _address(resource: Recorded) -> dict[str, str]:
    kind = TYPES[resource.type]
    return {"address": f"{kind}.{resource.name}", "type": kind, "name": resource.name}


def _resource(stack: Stack, resource: Recorded) -> dict[str, Any]:
    links = dict(_links(stack, resource))
    known = {
        key: _without_known(value, _sources(stack, resource, key))
        for key, value in given(resource).items()
        if key not in links
    }
    return {
        **_address(resource),
        "mode": "managed",
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "schema_version": 0,
        "values": _named(known),
    }


def _change(resource: Mapping[str, Any]) -> dict[str, Any]:
    change = {
        "actions": ["create"],
        "before": None,
        "after": resource["values"],
        "after_unknown": {},
    }
    return {**{key: resource[key] for key in ("address", "mode", "type", "name")}, "change": change}


def _references(stack: Stack, resource: Recorded) -> dict[str, Any]:
    found: dict[str, Any] = {key: _to(target) for key, target in _links(stack, resource)}
    for key, value in given(resource).items():
        if isinstance(value, Mapping) and key not in MAPS:
            sources = _sources(stack, resource, key)
            inner = {snake(k): _to(f"{source}.id") for k, v in value.items()
                     if (source := _known(v, sources))}  # fmt: skip
            found |= {key: [inner]} if inner else {}
    return {snake(key): value for key, value in found.items()}


def _without_known(value: Any, sources: list[Recorded]) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {key: inner for key, inner in value.items() if not _known(inner, sources)}


def _to(target: str) -> dict[str, list[str]]:
    return {"references": [target, target.rpartition(".")[0]]}


def _links(stack: Stack, resource: Recorded) -> Iterator[tuple[str, str]]:
    """The properties that are another resource's id or ARN: a plan knows them as references."""
    for key, value in given(resource).items():
        sources = _sources(stack, resource, key)
        one = _alone(value)
        if len(sources) == 1 and one and one[0] not in "{[":
            attribute = "arn" if one.startswith("arn:") else "id"
            yield key, f"{_address(sources[0])['address']}.{attribute}"


def _sources(stack: Stack, resource: Recorded, key: str) -> list[Recorded]:
    urns = resource.property_dependencies.get(key, frozenset())
    return [item for item in (stack.graph.resources[urn] for urn in sorted(urns))
            if item.type in TYPES]  # fmt: skip


def _known(value: Any, sources: list[Recorded]) -> str:
    """The address of the one resource whose id a value inside of a block is."""
    found = [_address(item)["address"] for item in sources if item.name == _alone(value)]
    return found[0] if found else ""


def _alone(value: Any) -> str:
    one = value[0] if isinstance(value, list) and len(value) == 1 else value
    return one if isinstance(one, str) else ""


def _named(known: Mapping[str, Any]) -> dict[str, Any]:
    found = {snake(key): value for key, value in known.items()}
    return {BLOCKS.get(key, key): _block(key, value) for key, value in found.items()}


def _block(key: str, value: Any) -> Any:
    if key in MAPS:
        return value
    if isinstance(value, Mapping):
        return [_named(value)]
    if isinstance(value, list):
        return [_named(item) if isinstance(item, Mapping) else item for item in value]
    return value


def snake(text: str) -> str:
    """`s3BucketName` as `s3_bucket_name`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text).lower()
