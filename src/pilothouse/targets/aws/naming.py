"""What a stack's things are called in AWS: names, ARNs and addresses, from a plan alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING

from pilothouse.naming import NamingRule
from pilothouse.targets.aws.settings.regions import BY_REGION

if TYPE_CHECKING:
    from pilothouse.plan import Plan

DATA, ARTIFACTS, DAGS = "data", "artifacts", "dags"
AIRFLOW, JOB, MLFLOW, PIPELINE = "airflow", "job", "mlflow", "pipeline"
KEY, FLOW, WORKLOAD, MODEL = "key", "flow", "workload", "model"

AIRFLOW_LOGS: Mapping[str, str] = {
    "dag-processing": "DAGProcessing",
    "scheduler": "Scheduler",
    "task": "Task",
    "webserver": "WebServer",
    "worker": "Worker",
}
"""How MWAA calls the log groups of an environment, by what is logged there."""

JOB_PREFIX_LIMIT = 30
"""Characters of the names of jobs that are the stack's; the rest of 63 tell step and run."""


def arn(plan: Plan, service: str, resource: str) -> str:
    """The ARN of a resource of a regional service in the stack's account."""
    region, account = plan.settings.region, plan.settings.account_id
    return f"arn:{BY_REGION[region].name}:{service}:{region}:{account}:{resource}"


def global_arn(plan: Plan, service: str, resource: str) -> str:
    """The ARN of a resource of IAM, which has no region."""
    region, account = plan.settings.region, plan.settings.account_id
    return f"arn:{BY_REGION[region].name}:{service}::{account}:{resource}"


def bucket_arn(plan: Plan, role: str) -> str:
    """The ARN of the bucket of `role`."""
    return f"arn:{BY_REGION[plan.settings.region].name}:s3:::{plan.name(role)}"


def service_role(plan: Plan, who: str) -> str:
    """The name of the IAM role that a service takes for `who`."""
    return plan.name(f"{who}-role")


def role_arn(plan: Plan, who: str) -> str:
    """Its ARN."""
    return global_arn(plan, "iam", f"role/{service_role(plan, who)}")


def key_alias(plan: Plan) -> str:
    """The alias of the stack's KMS key."""
    return f"alias/{plan.name(KEY)}"


def airflow_log_group(plan: Plan, kind: str) -> str:
    """The log group in which MWAA writes what `AIRFLOW_LOGS` has under `kind`."""
    return f"airflow-{plan.name(AIRFLOW)}-{AIRFLOW_LOGS[kind]}"


def flow_log_group(plan: Plan) -> str:
    """The log group of the network's flow logs."""
    return f"/pilothouse/{plan.name(FLOW)}"


def log_groups(plan: Plan) -> Sequence[str]:
    """Every log group that is the stack's own."""
    own = [] if plan.settings.network.vpc_id else [flow_log_group(plan)]
    if plan.platform.orchestration.engine == "airflow":
        own += [airflow_log_group(plan, kind) for kind in AIRFLOW_LOGS]
    return own


def sagemaker(plan: Plan) -> str:
    """Everything of SageMaker's in the stack's account and region."""
    return arn(plan, "sagemaker", "*")


def environment_arn(plan: Plan) -> str:
    """The ARN of the MWAA environment."""
    return arn(plan, "airflow", f"environment/{plan.name(AIRFLOW)}")


def pipeline_arn(plan: Plan) -> str:
    """The ARN of the SageMaker pipeline."""
    return arn(plan, "sagemaker", f"pipeline/{plan.name(PIPELINE)}")


def job_prefix(plan: Plan) -> str:
    """What the name of every job of the stack begins with."""
    return plan.name(JOB, rule=NamingRule(limit=JOB_PREFIX_LIMIT))


def registry(plan: Plan) -> str:
    """The host of the account's ECR registry."""
    region = plan.settings.region
    host = f"{plan.settings.account_id}.dkr.ecr.{region}"
    return f"{host}.{BY_REGION[region].dns_suffix}"


def image(plan: Plan) -> str:
    """The workload's image in the stack's own repository, by the tag that the settings name."""
    tag = plan.settings.compute.image or version("pilothouse")
    return f"{registry(plan)}/{plan.name(WORKLOAD)}:{tag}"
