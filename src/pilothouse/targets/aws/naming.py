"""Names, ARNs and addresses of a stack's resources on AWS, from a plan alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Protocol

from pilothouse.naming import NamingRule

if TYPE_CHECKING:
    from pilothouse.plan import Plan

DATA, ARTIFACTS, DAGS = "data", "artifacts", "dags"
AIRFLOW, JOB, MLFLOW, PIPELINE = "airflow", "job", "mlflow", "pipeline"
KEY, FLOW, WORKLOAD, MODEL = "key", "flow", "workload", "model"
STEPS = "steps"
"""The team's workload where a pipeline runs it."""
MEMBERS = "members"
"""The security group of all that is in the network."""
SCHEDULE = "schedule"
"""What starts it by itself."""
BUDGET, LIMIT = "budget", "limit"
"""The month's budget, and what happens when it is spent."""
EXPIRY = "expiry"
"""What stops the stack when the pilot is over."""

PACKAGE_PARAMETER, INPUTS_PARAMETER = "Package", "Inputs"
"""The parameters of that pipeline besides the workload's own, whose names begin in lower case."""

STEP_FILES = "workload"
"""The folder of the bucket for data with what a step's job reads: its program and definition."""

DAG_ID = "pilothouse_workload"
"""The DAG of the workload."""

SOURCE_FILES: Mapping[str, str] = {
    "dag": f"{DAGS}/{DAG_ID}.py",
    "jobs": f"{DAGS}/{DAG_ID}.json",
    "constraints": f"{DAGS}/constraints.txt",
    "requirements": "requirements.txt",
}
"""The keys of every stack's objects in MWAA's bucket by their logical names, which are state."""

STEPS_DAG_FILES: Mapping[str, str] = {
    "steps-dag": f"{DAGS}/pilothouse_steps.py",
    "steps-jobs": f"{DAGS}/pilothouse_steps.json",
}
"""The keys of the DAG of the team's workload."""

PLUGINS, STARTUP_SCRIPT = "plugins", "startup-script"
TEAM_FILES: Mapping[str, str] = {PLUGINS: "plugins.zip", STARTUP_SCRIPT: "startup.sh"}
"""The keys of what is there besides where the settings name it."""

AIRFLOW_LOGS: Mapping[str, str] = {
    "dag-processing": "DAGProcessing",
    "scheduler": "Scheduler",
    "task": "Task",
    "webserver": "WebServer",
    "worker": "Worker",
}
"""MWAA's names of the log groups of an environment, by what is logged there."""

ENDPOINT_SERVICES = (
    "airflow.api",
    "airflow.env",
    "ecr.api",
    "ecr.dkr",
    "kms",
    "logs",
    "monitoring",
    "sagemaker.api",
    "sqs",
    "sts",
)
"""The services that MWAA, its tasks and SageMaker's jobs use besides S3 and MLflow."""

JOB_PREFIX_LIMIT = 30
"""Characters of a job's name that tell the stack; the rest of the 63 tell step and run."""

STEP_ROOM = 12
"""Characters of a step's name in that of its job."""


class Location(Protocol):
    """Where a stack is, as its settings say."""

    @property
    def region(self) -> str:
        """The region."""

    @property
    def account_id(self) -> str:
        """The account's 12 digits."""

    @property
    def partition(self) -> str:
        """The region's partition, such as `aws`."""

    @property
    def dns_suffix(self) -> str:
        """The domain of the services' hosts in that partition."""

    @property
    def role_path(self) -> str:
        """The path of IAM roles, which begins and ends with a slash."""


def location(plan: Plan) -> Location:
    """Where the plan's stack is."""
    settings: Location = plan.settings
    return settings


def arn(plan: Plan, service: str, resource: str) -> str:
    """The ARN of a resource of a regional service in the stack's account."""
    where = location(plan)
    return f"arn:{where.partition}:{service}:{where.region}:{where.account_id}:{resource}"


def global_arn(plan: Plan, service: str, resource: str) -> str:
    """The ARN of a resource of IAM, which has no region."""
    where = location(plan)
    return f"arn:{where.partition}:{service}::{where.account_id}:{resource}"


def bucket_arn(plan: Plan, role: str) -> str:
    """The ARN of the bucket of `role`."""
    return f"arn:{location(plan).partition}:s3:::{plan.name(role)}"


def service_role(plan: Plan, who: str) -> str:
    """The name of the IAM role that a service assumes for `who`."""
    return plan.name(f"{who}-role")


def role_arn(plan: Plan, who: str) -> str:
    """The ARN of the IAM role that a service assumes for `who`."""
    return global_arn(plan, "iam", f"role{location(plan).role_path}{service_role(plan, who)}")


def key_alias(plan: Plan) -> str:
    """The alias of the stack's KMS key."""
    return f"alias/{plan.name(KEY)}"


def airflow_log_group(plan: Plan, kind: str) -> str:
    """The log group of MWAA for one of the keys of `AIRFLOW_LOGS`."""
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


def sagemaker_arns(plan: Plan) -> str:
    """The ARNs of all of SageMaker's resources in the stack's account and region."""
    return arn(plan, "sagemaker", "*")


def source_files(plan: Plan) -> Mapping[str, str]:
    """The keys of the stack's own objects in MWAA's bucket; the team put there whatever else is."""
    wanted = plan.settings.orchestration
    given = {PLUGINS: wanted.plugins, STARTUP_SCRIPT: wanted.startup_script}
    steps = STEPS_DAG_FILES if plan.platform.workload else {}
    named = {name: TEAM_FILES[name] for name, path in given.items() if path}
    return {**SOURCE_FILES, **steps, **named}


def environment_arn(plan: Plan) -> str:
    """The ARN of the MWAA environment."""
    return arn(plan, "airflow", f"environment/{plan.name(AIRFLOW)}")


def pipeline_arn(plan: Plan, role: str = PIPELINE) -> str:
    """The ARN of a SageMaker pipeline."""
    return arn(plan, "sagemaker", f"pipeline/{plan.name(role)}")


def schedule_group_arn(plan: Plan, role: str = SCHEDULE) -> str:
    """The ARN of a group of schedules: that of the team's workload, or of the pilot's end."""
    return arn(plan, "scheduler", f"schedule-group/{plan.name(role)}")


def call_arn(plan: Plan, service: str, operation: str) -> str:
    """The ARN by which a schedule makes one call of AWS's API; `operation` as boto3 names it."""
    first, *words = operation.split("_")
    call = first + "".join(word.capitalize() for word in words)
    return f"arn:{location(plan).partition}:scheduler:::aws-sdk:{service}:{call}"


def team_repository_arn(plan: Plan) -> str:
    """The ARN of the ECR repository of the team's own image; "" where none is named."""
    image = plan.settings.workload.image
    if not image:
        return ""
    host, _, path = image.partition("/")
    owner, _, _, region, *_ = host.split(".")
    name = path.partition("@")[0].partition(":")[0]
    return f"arn:{location(plan).partition}:ecr:{region}:{owner}:repository/{name}"


def job_prefix(plan: Plan) -> str:
    """What the name of every job of the stack begins with."""
    return plan.name(JOB, rule=NamingRule(limit=JOB_PREFIX_LIMIT))


def endpoint_services(plan: Plan) -> Mapping[str, str]:
    """The services whose interface endpoints a network without egress needs, by their names."""
    region = location(plan).region
    named = {name.replace(".", "-"): f"com.amazonaws.{region}.{name}" for name in ENDPOINT_SERVICES}
    named["mlflow-api"] = f"aws.sagemaker.{region}.experiments"
    if plan.settings.workload.secret:
        named["secretsmanager"] = f"com.amazonaws.{region}.secretsmanager"
    return named


def store_endpoint_service(plan: Plan) -> str:
    """The service of S3's endpoint."""
    return f"com.amazonaws.{location(plan).region}.s3"


def step_job_prefix(plan: Plan, step: str) -> str:
    """What the names of the jobs of a step of the team's workload begin with under MWAA."""
    return f"{job_prefix(plan)}-{step[:STEP_ROOM].rstrip('-')}"


def ecr_host(plan: Plan) -> str:
    """The host of the account's ECR registry."""
    where = location(plan)
    return f"{where.account_id}.dkr.ecr.{where.region}.{where.dns_suffix}"


def image(plan: Plan) -> str:
    """The workload's image in the stack's own repository, by the tag that the settings name."""
    tag = plan.settings.compute.image or version("pilothouse")
    return f"{ecr_host(plan)}/{plan.name(WORKLOAD)}:{tag}"
