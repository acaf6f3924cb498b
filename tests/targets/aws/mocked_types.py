"""What AWS's provider would answer: ARNs as the services form them, ids, versions."""

from collections.abc import Mapping
from typing import Any

from tests.targets.suite.recorder import Outputs

SETTINGS: Mapping[str, Any] = {"region": "eu-west-1", "accountId": "123456789012"}
"""What a stack file must say."""

_ACCOUNT = "123456789012"
_HERE = f"eu-west-1:{_ACCOUNT}"


def _nothing(name: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    return {}


def _arn(form: str) -> Outputs:
    """An ARN of `form`, in which `{logical}` is the logical name and other words are inputs."""

    def answer(name: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"arn": form.format_map({**inputs, "logical": name})}

    return answer


def _key(name: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"arn": f"arn:aws:kms:{_HERE}:key/id-of-{name}", "keyId": f"id-of-{name}"}


def _endpoint(name: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"prefixListId": "pl-0123456789abcdef0"}


def _environment(name: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    arn = f"arn:aws:airflow:{_HERE}:environment/{inputs['name']}"
    return {"arn": arn, "webserverUrl": "0123.c1.eu-west-1.airflow.amazonaws.com"}


def _object(name: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"versionId": f"version-of-{name}"}


_PARTS_OF_BUCKETS = (
    "LifecycleConfiguration",
    "OwnershipControls",
    "Policy",
    "PublicAccessBlock",
    "ServerSideEncryptionConfiguration",
    "Versioning",
)

MOCKED: Mapping[str, Outputs] = {
    "aws:budgets/budget:Budget": _nothing,
    "aws:budgets/budgetAction:BudgetAction": _nothing,
    "aws:cloudwatch/logGroup:LogGroup": _arn(f"arn:aws:logs:{_HERE}:log-group:{{name}}"),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _nothing,
    "aws:ec2/eip:Eip": _nothing,
    "aws:ec2/flowLog:FlowLog": _nothing,
    "aws:ec2/internetGateway:InternetGateway": _nothing,
    "aws:ec2/natGateway:NatGateway": _nothing,
    "aws:ec2/route:Route": _nothing,
    "aws:ec2/routeTable:RouteTable": _nothing,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _nothing,
    "aws:ec2/securityGroup:SecurityGroup": _nothing,
    "aws:ec2/subnet:Subnet": _nothing,
    "aws:ec2/vpc:Vpc": _nothing,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": _nothing,
    "aws:ecr/repository:Repository": _arn(f"arn:aws:ecr:{_HERE}:repository/{{name}}"),
    "aws:iam/policy:Policy": _arn(f"arn:aws:iam::{_ACCOUNT}:policy/{{name}}"),
    "aws:iam/role:Role": _arn(f"arn:aws:iam::{_ACCOUNT}:role/{{name}}"),
    "aws:iam/rolePolicy:RolePolicy": _nothing,
    "aws:kms/alias:Alias": _nothing,
    "aws:kms/key:Key": _key,
    "aws:mwaa/environment:Environment": _environment,
    "aws:s3/bucket:Bucket": _arn("arn:aws:s3:::{bucket}"),
    "aws:s3/bucketObjectv2:BucketObjectv2": _object,
    "aws:sagemaker/domain:Domain": _arn(f"arn:aws:sagemaker:{_HERE}:domain/d-{{logical}}"),
    "aws:sagemaker/mlflowApp:MlflowApp": _arn(f"arn:aws:sagemaker:{_HERE}:mlflow-app/app-1A2B"),
    "aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer": _arn(
        f"arn:aws:sagemaker:{_HERE}:mlflow-tracking-server/{{trackingServerName}}"
    ),
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": _arn(
        f"arn:aws:sagemaker:{_HERE}:model-package-group/{{modelPackageGroupName}}"
    ),
    "aws:sagemaker/pipeline:Pipeline": _arn(f"arn:aws:sagemaker:{_HERE}:pipeline/{{pipelineName}}"),
    "aws:sagemaker/userProfile:UserProfile": _nothing,
    "aws:scheduler/schedule:Schedule": _arn(
        f"arn:aws:scheduler:{_HERE}:schedule/{{groupName}}/{{name}}"
    ),
    "aws:scheduler/scheduleGroup:ScheduleGroup": _arn(
        f"arn:aws:scheduler:{_HERE}:schedule-group/{{name}}"
    ),
    **{f"aws:s3/bucket{part}:Bucket{part}": _nothing for part in _PARTS_OF_BUCKETS},
}
