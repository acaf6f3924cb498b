"""IAM documents: who may take a role, and the statements that several of them share."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pulumi

from pilothouse.targets.aws import naming
from pilothouse.targets.aws.settings.regions import BY_REGION

if TYPE_CHECKING:
    from pilothouse.plan import Plan

Statement = Mapping[str, Any]

VERSION = "2012-10-17"
READ = ["s3:GetObject", "s3:GetObjectVersion"]
WRITE = ["s3:AbortMultipartUpload", "s3:PutObject"]
LIST = ["s3:ListBucket", "s3:GetBucketLocation"]
USE_KEY = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"]

# What the account's own policies may allow, and no more: a key policy names "*" for itself.
_KEY_RIGHTS = (
    "CancelKeyDeletion CreateAlias CreateGrant Decrypt DeleteAlias DescribeKey DisableKey "
    "DisableKeyRotation EnableKey EnableKeyRotation Encrypt GenerateDataKey "
    "GenerateDataKeyWithoutPlaintext GetKeyPolicy GetKeyRotationStatus ListAliases ListGrants "
    "ListKeyPolicies ListResourceTags PutKeyPolicy ReEncryptFrom ReEncryptTo RetireGrant "
    "RevokeGrant ScheduleKeyDeletion TagResource UntagResource UpdateAlias UpdateKeyDescription"
)


def allow(
    actions: Sequence[str],
    resources: Sequence[pulumi.Input[str]],
    condition: Mapping[str, Any] | None = None,
) -> Statement:
    """A statement that allows `actions` on `resources`."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
    return {**statement, "Condition": condition} if condition else statement


def document(statements: Sequence[Statement]) -> dict[str, Any]:
    """A policy of these statements."""
    return {"Version": VERSION, "Statement": list(statements)}


def text(statements: Sequence[Statement]) -> str:
    """The same as IAM takes it, where everything in it is known."""
    return json.dumps(document(statements))


def later(statements: Sequence[Any]) -> pulumi.Output[str]:
    """The same where something in it is known once it is made."""
    return pulumi.Output.json_dumps({"Version": VERSION, "Statement": list(statements)})


def trust(plan: Plan, services: Sequence[str], source: str) -> str:
    """Lets `services` take a role, on behalf of what `source` matches in this account."""
    condition = {
        "StringEquals": {"aws:SourceAccount": plan.settings.account_id},
        "ArnLike": {"aws:SourceArn": source},
    }
    principal = {"Service": [f"{name}.amazonaws.com" for name in services]}
    action = "sts:AssumeRole"
    return text(
        [{"Effect": "Allow", "Principal": principal, "Action": action, "Condition": condition}]
    )


def bucket_policy(plan: Plan, role: str) -> str:
    """Nobody without TLS, and nobody but principals of the account and AWS's services."""
    bucket = naming.bucket_arn(plan, role)
    denied = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket, f"{bucket}/*"],
    }
    outside = {
        "StringNotEquals": {"aws:PrincipalAccount": plan.settings.account_id},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }
    return text(
        [
            {"Sid": "OnlyTls", **denied, "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
            {"Sid": "OnlyThisAccount", **denied, "Condition": outside},
        ]
    )


def bucket_access(plan: Plan, role: str, *, write: bool) -> list[Statement]:
    """Reads, and maybe writes, of what is in a bucket."""
    bucket = naming.bucket_arn(plan, role)
    actions = [*READ, *WRITE] if write else READ
    return [allow(LIST, [bucket]), allow(actions, [f"{bucket}/*"])]


def key_access(plan: Plan, key_arn: pulumi.Input[str], *services: str) -> Statement:
    """The use of the stack's key by way of `services`, such as s3."""
    region = plan.settings.region
    hosts = [f"{service}.{region}.{BY_REGION[region].dns_suffix}" for service in services]
    return allow(USE_KEY, [key_arn], {"StringEquals": {"kms:ViaService": hosts}})


def grants(key_arn: pulumi.Input[str]) -> Statement:
    """Lets a service go on using the stack's key, as for the disks of a job."""
    condition = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    return allow(["kms:CreateGrant", "kms:DescribeKey"], [key_arn], condition)


def key_policy(plan: Plan) -> str:
    """The key is governed by the account's IAM; the logs of this stack may be encrypted with it."""
    account = naming.global_arn(plan, "iam", "root")
    groups = [naming.arn(plan, "logs", f"log-group:{name}") for name in naming.log_groups(plan)]
    logs = {
        "Sid": "Logs",
        "Effect": "Allow",
        "Principal": {"Service": f"logs.{plan.settings.region}.amazonaws.com"},
        "Action": [*USE_KEY, "kms:ReEncryptFrom", "kms:ReEncryptTo"],
        "Resource": "*",
        "Condition": {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": groups}},
    }
    governed = {
        "Sid": "Account",
        "Effect": "Allow",
        "Principal": {"AWS": account},
        "Action": [f"kms:{right}" for right in _KEY_RIGHTS.split()],
        "Resource": "*",
    }
    return text([governed, *([logs] if groups else [])])


def jobs(plan: Plan, prefix: str) -> list[Statement]:
    """Whatever a runner of SageMaker's jobs needs, for jobs whose names begin with `prefix`."""
    kinds = ("processing-job", "training-job")
    owned = [naming.arn(plan, "sagemaker", f"{kind}/{prefix}*") for kind in kinds]
    groups = naming.arn(plan, "logs", "log-group:/aws/sagemaker/*")
    passed = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    verbs = ("Create", "Describe", "Stop")
    kinds_of_api = ("ProcessingJob", "TrainingJob")
    calls = [f"sagemaker:{verb}{kind}" for verb in verbs for kind in kinds_of_api]
    return [
        allow([*calls, "sagemaker:AddTags"], owned),
        allow(["sagemaker:ListProcessingJobs", "sagemaker:ListTrainingJobs"], ["*"]),
        allow(["iam:PassRole"], [naming.role_arn(plan, naming.JOB)], passed),
        allow(["logs:DescribeLogStreams", "logs:GetLogEvents"], [groups]),
    ]
