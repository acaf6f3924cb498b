"""What a resource or a text refers to is there, under that name: no type says so."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from tests.targets.aws.policies import iam
from tests.targets.aws.policies.ends import stoppers
from tests.targets.aws.policies.view import Stack, given, jobs, kind
from tests.targets.suite.recorder import Recorded

AIRFLOW_LOGS = ("DAGProcessing", "Scheduler", "Task", "WebServer", "Worker")
_ARN = re.compile(r"^arn:[a-z-]+:([a-z0-9-]+):([a-z0-9-]*):(\d*|\*):(.+)$")
SCHEDULE = ("cron(0 6 ? * MON-FRI *)", "UTC")
"""When the workload of `stacks.TEAM` is due."""
_OF_OTHERS = {"sqs"}  # Celery's queues are in accounts of MWAA's own


def logs_of_airflow_are_owned(stack: Stack) -> Iterator[str]:
    """MWAA makes these groups if the graph does not, and leaves them behind."""
    groups = {given(resource)["name"] for resource in stack.kind("LogGroup")}
    for environment in stack.kind("Environment"):
        for log in AIRFLOW_LOGS:
            name = f"airflow-{given(environment)['name']}-{log}"
            if name not in groups:
                yield f"{environment.label} makes {name}, which nobody owns"


def airflow_has_its_files(stack: Stack) -> Iterator[str]:
    """The DAG, its jobs and the requirements are in the bucket that the environment reads."""
    for environment in stack.kind("Environment"):
        known = given(environment)
        bucket = known["sourceBucketArn"].rpartition(":")[2]
        objects = {
            given(resource)["key"]: resource
            for resource in stack.kind("BucketObjectv2")
            if given(resource)["bucket"] == bucket
        }
        wanted = known.get("requirementsS3Path", "")
        if stack.by("Bucket", "bucket", bucket) is None:
            yield f"{environment.label} reads {bucket}, which is not there"
        yield from _misses(environment, known, objects)
        version = f"version-of-{objects[wanted].name}" if wanted in objects else ""
        if known.get("requirementsS3ObjectVersion") != version:
            yield f"{environment.label} would not see new requirements"


def requirements_are_constrained(stack: Stack) -> Iterator[str]:
    """MWAA wants a constraint, as a file of the bucket or of its image."""
    keys = {given(resource)["key"] for resource in stack.kind("BucketObjectv2")}
    for resource in stack.kind("BucketObjectv2"):
        if given(resource)["key"].endswith("requirements.txt"):
            first, *_ = given(resource)["content"].splitlines()
            found = re.fullmatch(r'--constraint "/usr/local/airflow/(\S+)"', first)
            if found is None or found[1] not in keys:
                yield f"{resource.label} is not constrained by a file that is there: {first}"


def constraints_are_of_the_version(stack: Stack) -> Iterator[str]:
    """The file of constraints holds Airflow at the version that the environment has."""
    for environment in stack.kind("Environment"):
        wanted = f"apache-airflow=={given(environment).get('airflowVersion')}"
        texts = [
            given(resource)["content"]
            for resource in stack.kind("BucketObjectv2")
            if "constraints" in given(resource)["key"]
        ]
        if not any(wanted in text.splitlines() for text in texts):
            yield f"nothing holds {environment.label} at {wanted}"


def arns_lead_somewhere(stack: Stack) -> Iterator[str]:
    """What policies and resources name of this account and region is in the graph."""
    for source, arn in _named(stack):
        if arn == stack.plan.settings.storage.key_arn:
            continue
        found = _ARN.fullmatch(arn)
        if found is None:
            yield f"{source} names {arn}"
            continue
        service, region, account, rest = found.groups()
        if account not in ("", stack.plan.settings.account_id) and service not in _OF_OTHERS:
            yield f"{source} names another account: {arn}"
        if region not in ("", "*", stack.plan.settings.region):
            yield f"{source} names another region: {arn}"
        if not _exists(stack, service, rest):
            yield f"{source} names {arn}, which is not there"


def steps_have_what_they_are_told(stack: Stack) -> Iterator[str]:
    """A job's bucket, tracking server, group of models, role and image are the stack's."""
    servers = stack.kind("MlflowApp", "MlflowTrackingServer")
    roles = {given(resource)["name"] for resource in stack.kind("Role")}
    for job in jobs(stack):
        told = job["Environment"]
        if stack.by("Bucket", "bucket", told["DATA_URI"].removeprefix("s3://")) is None:
            yield f"a job stores in {told['DATA_URI']}"
        if not any(_is_of(told["MLFLOW_TRACKING_URI"], item) for item in servers):
            yield f"a job tracks at {told['MLFLOW_TRACKING_URI']}"
        if stack.by("ModelPackageGroup", "modelPackageGroupName", told["MODEL_NAME"]) is None:
            yield f"a job registers in {told['MODEL_NAME']}"
        if job["RoleArn"].rpartition("/")[2] not in roles:
            yield f"a job runs as {job['RoleArn']}"
        runs = {"RUN_TOKEN", "RUN_ID"} & told.keys()
        if told["AWS_REGION"] != stack.plan.settings.region or not runs:
            yield "a job does not know where it is, or which run it is of"


def every_step_is_there(stack: Stack) -> Iterator[str]:
    """The four built-in steps, in their order; each step ends by itself."""
    commands = []
    for job in jobs(stack):
        container = {**job.get("AppSpecification", {}), **job.get("AlgorithmSpecification", {})}
        if "RUN_TOKEN" in job["Environment"]:
            commands.append(container["ContainerArguments"])
        if not 0 < job["StoppingCondition"].get("MaxRuntimeInSeconds", 0) <= 3600:
            yield f"{container['ContainerArguments']} may run for ever"
        tags = {tag["Key"]: tag["Value"] for tag in job["Tags"]}
        if not stack.plan.tags.items() <= tags.items():
            yield f"{container['ContainerArguments']} makes what nobody would find"
    if commands != [["prepare"], ["train"], ["register"], ["predict"]]:
        yield f"the steps are {commands}"
    if pipeline := stack.find("Pipeline pipeline"):
        steps = json.loads(given(pipeline)["pipelineDefinition"])["Steps"]
        if [step["DependsOn"] for step in steps] != [[], ["prepare"], ["train"], ["register"]]:
            yield f"{pipeline.label} does not run its steps one after the other"


def the_schedule_starts_the_steps(stack: Stack) -> Iterator[str]:
    """The team's workload begins by itself where it is to, in UTC, at no other time."""
    ends = {each.label for each in stoppers(stack)}
    found = [each for each in stack.kind("Schedule") if each.label not in ends]
    wanted = getattr(stack.plan.platform.workload, "schedule", None)
    if len(found) != bool(wanted):
        yield f"there are {len(found)} schedules for {wanted}"
    for schedule in found:
        known = given(schedule)
        steps = stack.graph.one("Pipeline steps")
        if not known["target"]["arn"].endswith(f":pipeline/{given(steps)['pipelineName']}"):
            yield f"{schedule.label} starts {known['target']['arn']}"
        if stack.by("ScheduleGroup", "name", known.get("groupName", "")) is None:
            yield f"{schedule.label} is in a group of nobody's, which has no tags"
        when = known["scheduleExpression"], known.get("scheduleExpressionTimezone")
        if when != SCHEDULE:
            yield f"{schedule.label} is due at {when}"
        if known["flexibleTimeWindow"]["mode"] != "OFF" or known.get("state") == "DISABLED":
            yield f"{schedule.label} is due at some time, or never"
        late = known["target"].get("retryPolicy", {}).get("maximumEventAgeInSeconds", 86400)
        if late > 3600:
            yield f"{schedule.label} starts a run {late} seconds late"


def parts_have_their_bucket(stack: Stack) -> Iterator[str]:
    """What belongs to a bucket belongs to one of the graph, which has each part once."""
    names = {given(resource)["bucket"] for resource in stack.kind("Bucket")}
    seen: set[tuple[str, str]] = set()
    for resource in stack.resources:
        if kind(resource).startswith("Bucket") and kind(resource) not in (
            "Bucket",
            "BucketObjectv2",
        ):
            bucket = given(resource)["bucket"]
            if bucket not in names or (kind(resource), bucket) in seen:
                yield f"{resource.label} is of {bucket}, which is not there or has one"
            seen.add((kind(resource), bucket))


def artifacts_are_the_stacks(stack: Stack) -> Iterator[str]:
    """MLflow stores in a bucket of the graph that is not the data's."""
    for server in stack.kind("MlflowApp", "MlflowTrackingServer"):
        bucket, _, prefix = given(server)["artifactStoreUri"].removeprefix("s3://").partition("/")
        data = {job["Environment"]["DATA_URI"].removeprefix("s3://") for job in jobs(stack)}
        if stack.by("Bucket", "bucket", bucket) is None or bucket in data or not prefix:
            yield f"{server.label} stores in {given(server)['artifactStoreUri']}"


def keys_have_names(stack: Stack) -> Iterator[str]:
    """A key is found by its alias, and an alias leads to a key of the graph."""
    for key in stack.kind("Key"):
        if stack.by("Alias", "targetKeyId", f"id-of-{key.name}") is None:
            yield f"{key.label} has no alias"


def _misses(
    environment: Recorded, known: dict[str, Any], objects: dict[str, Recorded]
) -> Iterator[str]:
    folder = known["dagS3Path"].rstrip("/")
    dags = {key for key in objects if key.startswith(f"{folder}/") and key.endswith(".py")}
    if not dags:
        yield f"{environment.label} finds no DAG below {folder}"
    for dag in dags:
        if dag.removesuffix(".py") + ".json" not in objects:
            yield f"{environment.label}: {dag} has no jobs beside it"
    if known.get("requirementsS3Path") not in objects:
        yield f"{environment.label} finds no requirements"


def _named(stack: Stack) -> Iterator[tuple[str, str]]:
    for statement in iam.permissions(stack):
        yield from ((statement.source, arn) for arn in statement.resources if arn != "*")
    for trust in iam.trusts(stack):
        yield from ((trust.source, arn) for arn in trust.condition("ArnLike", "aws:SourceArn"))
    for statement in iam.of_resources(stack):
        yield from ((statement.source, arn) for arn in statement.resources if arn != "*")
        logs = statement.condition("ArnEquals", "kms:EncryptionContext:aws:logs:arn")
        yield from ((statement.source, arn) for arn in logs)
    for resource in stack.resources:
        for key in ("executionRoleArn", "roleArn", "iamRoleArn", "sourceBucketArn", "kmsKey"):
            if found := given(resource).get(key):
                yield resource.label, found
    for resource in stack.kind("Schedule"):
        yield resource.label, given(resource)["target"]["roleArn"]


def _exists(stack: Stack, service: str, rest: str) -> bool:
    """Whether there is such a thing; True of what comes and goes by itself, such as a job."""
    head, _, name = rest.partition("/")
    if service == "s3":
        return stack.by("Bucket", "bucket", head) is not None
    if service == "logs":
        return _is_group(stack, rest.removeprefix("log-group:").removesuffix(":*"))
    known = {
        ("iam", "role"): ("Role", "name"),
        ("ecr", "repository"): ("Repository", "name"),
        ("airflow", "environment"): ("Environment", "name"),
        ("sagemaker", "pipeline"): ("Pipeline", "pipelineName"),
        ("scheduler", "schedule-group"): ("ScheduleGroup", "name"),
    }.get((service, head))
    if known:
        return stack.by(*known, name) is not None
    if (service, head) == ("kms", "key") and name != "*":
        return stack.by_id("Key", name.removeprefix("id-of-")) is not None
    if (service, head) == ("ec2", "security-group"):
        return stack.by_id("SecurityGroup", name) is not None
    return True


def _is_group(stack: Stack, name: str) -> bool:
    names = [given(resource)["name"] for resource in stack.kind("LogGroup")]
    return name.startswith("/aws/sagemaker/") or any(fnmatchcase(n, name) for n in names)


def _is_of(arn: str, server: Recorded) -> bool:
    """The ARN of an MLflow App ends with an id of the service's own."""
    kinds = {"MlflowApp": "mlflow-app/", "MlflowTrackingServer": "mlflow-tracking-server/"}
    own = given(server).get("trackingServerName", "")
    return kinds[kind(server)] + own in arn
