"""The permissions of the MWAA environment: what MWAA requires, and the workload's jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pilothouse.targets.aws import naming
from pilothouse.targets.aws.components import iam
from pilothouse.targets.aws.components.iam import USE_KEY, Statement, allow

if TYPE_CHECKING:
    import pulumi

    from pilothouse.targets.aws.settings.target import AwsPlan

LOG = [
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:GetLogEvents",
    "logs:GetLogGroupFields",
    "logs:GetLogRecord",
    "logs:GetQueryResults",
    "logs:PutLogEvents",
]
QUEUE = [
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ReceiveMessage",
    "sqs:SendMessage",
]
BUCKET = ["s3:GetBucketPublicAccessBlock", "s3:GetBucketVersioning", "s3:ListBucketVersions"]


def allow_environment(plan: AwsPlan, key_arn: pulumi.Output[str] | None) -> list[Any]:
    """The statements of its execution role."""
    groups = naming.arn(plan, "logs", f"log-group:airflow-{plan.name(naming.AIRFLOW)}-*")
    metrics = {"StringEquals": {"cloudwatch:namespace": "AmazonMWAA"}}
    return [
        allow(["airflow:PublishMetrics"], [naming.environment_arn(plan)]),
        *iam.allow_bucket(plan, naming.DAGS, write=False),
        allow(BUCKET, [naming.bucket_arn(plan, naming.DAGS)]),
        allow(["s3:GetAccountPublicAccessBlock"], ["*"]),
        allow(LOG, [groups]),
        allow(["logs:DescribeLogGroups"], ["*"]),
        allow(["cloudwatch:PutMetricData"], ["*"], metrics),
        allow(QUEUE, [_queue_arns(plan)]),
        _allow_key(plan, key_arn),
        *iam.allow_jobs(plan, naming.job_prefix(plan)),
    ]


def _queue_arns(plan: AwsPlan) -> str:
    """Celery's queues, which are in accounts of the service."""
    where = naming.location(plan)
    return f"arn:{where.partition}:sqs:{where.region}:*:airflow-celery-*"


def _allow_key(plan: AwsPlan, key_arn: pulumi.Output[str] | None) -> Statement:
    """Allows the key of queues and bucket: the stack's, or the service's in another account."""
    if key_arn is not None:
        return iam.allow_key(plan, key_arn, "sqs", "s3")
    where = naming.location(plan)
    host = f"sqs.{where.region}.{where.dns_suffix}"
    return {
        "Effect": "Allow",
        "Action": USE_KEY,
        "NotResource": naming.arn(plan, "kms", "key/*").replace(f":{where.region}:", ":*:"),
        "Condition": {"StringEquals": {"kms:ViaService": host}},
    }
