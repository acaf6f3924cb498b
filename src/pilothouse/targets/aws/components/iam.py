"""IAM policies: who may assume a role, and statements that several policies share."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pulumi

from pilothouse.targets.aws import naming
from pilothouse.targets.aws.resources.permissions import ENCRYPT

if TYPE_CHECKING:
    from pilothouse.targets.aws.settings.target import AwsPlan

Statement = Mapping[str, Any]

VERSION = "2012-10-17"
READ = ["s3:GetObject", "s3:GetObjectVersion"]
WRITE = ["s3:AbortMultipartUpload", "s3:PutObject"]
LIST = ["s3:ListBucket", "s3:GetBucketLocation"]
USE_KEY = [*ENCRYPT]

# All that the account's own policies may allow; a key policy names its key "*".
_KEY_ACTIONS = (
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


def to_json(statements: Sequence[Statement]) -> str:
    """A policy of these statements, as IAM takes it."""
    return json.dumps({"Version": VERSION, "Statement": list(statements)})


def to_json_output(statements: Sequence[Any]) -> pulumi.Output[str]:
    """A policy of statements whose values may be outputs."""
    return pulumi.Output.json_dumps({"Version": VERSION, "Statement": list(statements)})


def build_trust_policy(plan: AwsPlan, services: Sequence[str], source: str) -> str:
    """Lets `services` assume a role, on behalf of what `source` matches in this account."""
    condition = {
        "StringEquals": {"aws:SourceAccount": plan.settings.account_id},
        "ArnLike": {"aws:SourceArn": source},
    }
    principal = {"Service": [f"{name}.amazonaws.com" for name in services]}
    action = "sts:AssumeRole"
    return to_json(
        [{"Effect": "Allow", "Principal": principal, "Action": action, "Condition": condition}]
    )


def build_bucket_policy(plan: AwsPlan, role: str) -> str:
    """Denies requests without TLS, and all but the account's principals and AWS's services."""
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
    return to_json(
        [
            {"Sid": "OnlyTls", **denied, "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
            {"Sid": "OnlyThisAccount", **denied, "Condition": outside},
        ]
    )


def allow_bucket(plan: AwsPlan, role: str, *, write: bool) -> list[Statement]:
    """Allows to read, and with `write` to write, a bucket's objects."""
    bucket = naming.bucket_arn(plan, role)
    actions = [*READ, *WRITE] if write else READ
    return [allow(LIST, [bucket]), allow(actions, [f"{bucket}/*"])]


def allow_key(plan: AwsPlan, key_arn: pulumi.Input[str], *services: str) -> Statement:
    """Allows to use the stack's key through `services`, such as s3."""
    where = naming.location(plan)
    hosts = [f"{service}.{where.region}.{where.dns_suffix}" for service in services]
    return allow(USE_KEY, [key_arn], {"StringEquals": {"kms:ViaService": hosts}})


def allow_key_grants(key_arn: pulumi.Input[str]) -> Statement:
    """Allows to grant services the use of the stack's key, as for the disks of a job."""
    condition = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    return allow(["kms:CreateGrant", "kms:DescribeKey"], [key_arn], condition)


def build_key_policy(plan: AwsPlan) -> str:
    """Leaves access to the account's IAM policies, and lets this stack's logs be encrypted."""
    where = naming.location(plan)
    account = naming.global_arn(plan, "iam", "root")
    groups = [naming.arn(plan, "logs", f"log-group:{name}") for name in naming.log_groups(plan)]
    logs = {
        "Sid": "Logs",
        "Effect": "Allow",
        # The other services' principals end in amazonaws.com in every partition.
        "Principal": {"Service": f"logs.{where.region}.{where.dns_suffix}"},
        "Action": [*USE_KEY, "kms:ReEncryptFrom", "kms:ReEncryptTo"],
        "Resource": "*",
        "Condition": {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": groups}},
    }
    iam_policies = {
        "Sid": "Account",
        "Effect": "Allow",
        "Principal": {"AWS": account},
        "Action": [f"kms:{action}" for action in _KEY_ACTIONS.split()],
        "Resource": "*",
    }
    return to_json([iam_policies, *([logs] if groups else [])])


def allow_jobs(plan: AwsPlan, prefix: str) -> list[Statement]:
    """Allows to run SageMaker jobs whose names begin with `prefix`."""
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
