"""What the MWAA environment may do: what the service itself needs, and the workload's jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pilothouse.targets.aws import naming
from pilothouse.targets.aws.components import iam
from pilothouse.targets.aws.components.iam import USE_KEY, Statement, allow
from pilothouse.targets.aws.settings.regions import BY_REGION

if TYPE_CHECKING:
    import pulumi

    from pilothouse.plan import Plan

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


def statements(plan: Plan, key_arn: pulumi.Output[str] | None) -> list[Any]:
    """The statements of its execution role."""
    groups = naming.arn(plan, "logs", f"log-group:airflow-{plan.name(naming.AIRFLOW)}-*")
    metrics = {"StringEquals": {"cloudwatch:namespace": "AmazonMWAA"}}
    return [
        allow(["airflow:PublishMetrics"], [naming.environment_arn(plan)]),
        *iam.bucket_access(plan, naming.DAGS, write=False),
        allow(BUCKET, [naming.bucket_arn(plan, naming.DAGS)]),
        allow(["s3:GetAccountPublicAccessBlock"], ["*"]),
        allow(LOG, [groups]),
        allow(["logs:DescribeLogGroups"], ["*"]),
        allow(["cloudwatch:PutMetricData"], ["*"], metrics),
        allow(QUEUE, [_queues(plan)]),
        _key(plan, key_arn),
        *iam.jobs(plan, naming.job_prefix(plan)),
    ]


def _queues(plan: Plan) -> str:
    """Celery's queues, which are in accounts of the service's own."""
    region = plan.settings.region
    return f"arn:{BY_REGION[region].name}:sqs:{region}:*:airflow-celery-*"


def _key(plan: Plan, key_arn: pulumi.Output[str] | None) -> Statement:
    """The key of queues and bucket: the stack's, or the service's own in an account of its own."""
    if key_arn is not None:
        return iam.key_access(plan, key_arn, "sqs", "s3")
    region = plan.settings.region
    host = f"sqs.{region}.{BY_REGION[region].dns_suffix}"
    return {
        "Effect": "Allow",
        "Action": USE_KEY,
        "NotResource": naming.arn(plan, "kms", "key/*").replace(f":{region}:", ":*:"),
        "Condition": {"StringEquals": {"kms:ViaService": host}},
    }
