"""Inputs that the AWS double refuses at a preview."""

from __future__ import annotations

from typing import Any

import pytest

from testkit.fake_providers.aws import checks, settings
from testkit.fake_providers.aws.clients import Clients
from testkit.fake_providers.aws.settings import Settings
from testkit.fake_providers.aws.table import TABLE, entry_of
from testkit.fake_providers.core.values import UNKNOWN

CLIENTS = Clients("eu-west-1", credentials={"aws_access_key_id": "a", "aws_secret_access_key": "b"})
ROLE = "arn:aws:iam::123456789012:role/someone"


def alarm(comparison: str, threshold: int = 80) -> dict[str, Any]:
    """A budget's notification."""
    return {
        "comparisonOperator": comparison, "notificationType": "ACTUAL", "threshold": threshold,
        "thresholdType": "PERCENTAGE", "subscriberEmailAddresses": ["ml-team@example.org"],
    }  # fmt: skip


RIGHT: dict[str, dict[str, Any]] = {
    "aws:ec2/vpc:Vpc": {"cidrBlock": "10.0.0.0/16", "enableDnsSupport": True},
    "aws:ec2/subnet:Subnet": {"vpcId": UNKNOWN, "cidrBlock": "10.0.0.0/24"},
    "aws:ec2/flowLog:FlowLog": {"vpcId": UNKNOWN, "trafficType": "ALL", "logDestination": UNKNOWN},
    "aws:iam/role:Role": {"name": "someone", "assumeRolePolicy": "{}"},
    "aws:kms/key:Key": {"enableKeyRotation": True, "deletionWindowInDays": 7},
    "aws:s3/bucketVersioning:BucketVersioning": {
        "bucket": "data", "versioningConfiguration": {"status": "Enabled"},
    },
    "aws:ecr/repository:Repository": {"name": "workload", "imageTagMutability": "IMMUTABLE"},
    "aws:mwaa/environment:Environment": {
        "name": "airflow", "dagS3Path": "dags", "executionRoleArn": ROLE,
        "sourceBucketArn": "arn:aws:s3:::dags", "maxWorkers": 2,
        "networkConfiguration": {
            "subnetIds": ["subnet-1", "subnet-2"], "securityGroupIds": ["sg-1"],
        },
        "loggingConfiguration": {"taskLogs": {"enabled": True, "logLevel": "INFO"}},
    },
    "aws:sagemaker/mlflowApp:MlflowApp": {
        "name": "mlflow", "artifactStoreUri": "s3://artifacts/mlflow", "roleArn": ROLE,
    },
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": {"modelPackageGroupName": "model"},
    "aws:scheduler/scheduleGroup:ScheduleGroup": {"name": "schedules", "tags": {"a": "b"}},
    "aws:scheduler/schedule:Schedule": {
        "name": "daily", "groupName": "schedules", "scheduleExpression": "cron(0 6 * * ? *)",
        "flexibleTimeWindow": {"mode": "OFF"},
        "target": {
            "arn": UNKNOWN, "roleArn": ROLE, "retryPolicy": {"maximumEventAgeInSeconds": 60},
        },
    },
    "aws:budgets/budget:Budget": {
        "name": "budget", "budgetType": "COST", "timeUnit": "MONTHLY", "limitAmount": "10.00",
        "limitUnit": "USD", "notifications": [alarm("GREATER_THAN")],
    },
}  # fmt: skip
WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("aws:ec2/vpc:Vpc", {"cidr": "10.0.0.0/16"}, "is not a property"),
    ("aws:ec2/vpc:Vpc", {"enableDnsSupport": "yes"}, "expected bool, got str"),
    ("aws:ec2/vpc:Vpc", {"instanceTenancy": "BOGUS"}, "one of default, dedicated, host"),
    ("aws:ec2/vpc:Vpc", {"ipv4IpamPoolId": "pool"}, "is not modelled by the double"),
    ("aws:ec2/subnet:Subnet", {"cidrBlock": 24}, "expected str, got int"),
    ("aws:ec2/flowLog:FlowLog", {"trafficType": "SOME"}, "one of ACCEPT, REJECT, ALL"),
    ("aws:iam/role:Role", {"name": "so me"}, "must match"),
    ("aws:iam/role:Role", {"name": "r" * 65}, "has 65 characters"),
    ("aws:iam/role:Role", {"name": ""}, "makes up no names"),
    ("aws:iam/role:Role", {"maxSessionDuration": 60}, "is 60"),
    ("aws:kms/key:Key", {"keyUsage": "BOGUS"}, "one of SIGN_VERIFY"),
    (
        "aws:s3/bucketVersioning:BucketVersioning",
        {"versioningConfiguration": {"status": "On"}}, "one of Enabled, Suspended",
    ),
    (
        "aws:s3/bucketVersioning:BucketVersioning",
        {"versioningConfiguration": {}}, "versioningConfiguration.status is required",
    ),
    ("aws:ecr/repository:Repository", {"name": "UPPER"}, "must match"),
    ("aws:ecr/repository:Repository", {"imageTagMutability": "NO"}, "one of MUTABLE"),
    ("aws:mwaa/environment:Environment", {"name": "1st"}, "must match"),
    ("aws:mwaa/environment:Environment", {"webserverAccessMode": "OPEN"}, "one of PRIVATE_ONLY"),
    (
        "aws:mwaa/environment:Environment",
        {"loggingConfiguration": {"taskLogs": {"enabled": True, "logLevel": "LOUD"}}},
        "LoggingConfiguration.TaskLogs.LogLevel",
    ),
    ("aws:sagemaker/mlflowApp:MlflowApp", {"name": "a_b"}, "must match"),
    ("aws:sagemaker/mlflowApp:MlflowApp", {"accountDefaultStatus": "ON"}, "one of"),
    (
        "aws:sagemaker/modelPackageGroup:ModelPackageGroup", {"modelPackageGroupName": "a_b"},
        "must match",
    ),
    ("aws:scheduler/scheduleGroup:ScheduleGroup", {"name": "a b"}, "must match"),
    ("aws:scheduler/schedule:Schedule", {"groupName": ""}, "makes up no names"),
    ("aws:scheduler/schedule:Schedule", {"state": "ON"}, "one of ENABLED, DISABLED"),
    (
        "aws:scheduler/schedule:Schedule", {"flexibleTimeWindow": {"mode": "ON"}},
        "one of OFF, FLEXIBLE",
    ),
    (
        "aws:scheduler/schedule:Schedule",
        {"target": {"arn": "arn", "roleArn": ROLE, "retryPolicy": {"maximumRetryAttempts": 186}}},
        "is 186",
    ),
    ("aws:budgets/budget:Budget", {"timeUnit": "WEEKLY"}, "one of DAILY, MONTHLY"),
    ("aws:budgets/budget:Budget", {"notifications": [alarm("MORE_THAN")]}, "one of GREATER_THAN"),
    ("aws:budgets/budget:Budget", {"notifications": [alarm("LESS_THAN", -1)]}, "is -1"),
]  # fmt: skip


def found(token: str, inputs: dict[str, Any]) -> str:
    """The problems, a line each."""
    entry = entry_of(token)
    _, problems = checks.checked(token, entry, inputs, Settings(region="eu-west-1"), CLIENTS)
    return "\n".join(f"{path} {said}" for path, said in problems)


@pytest.mark.parametrize("token", RIGHT)
def test_right_inputs_pass(token: str) -> None:
    assert found(token, RIGHT[token]) == ""


@pytest.mark.parametrize(("token", "wrong", "said"), WRONG)
def test_wrong_inputs_are_refused(token: str, wrong: dict[str, Any], said: str) -> None:
    assert said in found(token, RIGHT[token] | wrong)


@pytest.mark.parametrize("token", RIGHT)
def test_what_is_required_is_missed(token: str) -> None:
    missing = found(token, {})
    assert "is required" in missing or token in {
        "aws:ec2/vpc:Vpc", "aws:ec2/flowLog:FlowLog", "aws:kms/key:Key",
    }  # fmt: skip


def test_a_type_that_is_not_modelled_is_refused_with_those_that_are() -> None:
    with pytest.raises(ValueError, match="does not model aws:rds/instance:Instance; it knows aws:"):
        entry_of("aws:rds/instance:Instance")


def test_every_line_names_inputs_that_the_sdk_has() -> None:
    from pulumi import _types as sdk_types

    from testkit.fake_providers.aws.tokens import arguments

    for token, entry in TABLE.items():
        known = set(sdk_types.input_type_py_to_pulumi_names(arguments(token)).values())
        assert entry.modelled | set(entry.seen) | set(entry.computed) <= known, token


def test_the_providers_tags_come_below_a_resources_own() -> None:
    provider = Settings(region="eu-west-1", default_tags={"owner": "all", "stack": "s"})
    news, _ = checks.checked(
        "aws:ec2/vpc:Vpc", entry_of("aws:ec2/vpc:Vpc"),
        {"cidrBlock": "10.0.0.0/16", "tags": {"owner": "me"}}, provider, CLIENTS,
    )  # fmt: skip
    assert news["tags"] == {"owner": "me", "stack": "s"}


def test_a_region_that_does_not_exist_is_refused() -> None:
    assert settings.problems({"region": "eu-west-1", "skipCredentialsValidation": "true"}) == []
    (problem,) = settings.problems({"region": "mars-1"})
    assert problem == ("region", "AWS has no region mars-1")
    assert settings.problems({"assumeRoles": "[]"})
