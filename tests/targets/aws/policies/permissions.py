"""Every role is there for somebody, who may take it, and may do with it what has to be done."""

from __future__ import annotations

from collections.abc import Iterator

from tests.targets.aws.policies import iam
from tests.targets.aws.policies.ends import need, stoppers
from tests.targets.aws.policies.view import Stack, given, jobs
from tests.targets.suite.recorder import Recorded

USERS = {
    "Environment": ("executionRoleArn", {"airflow", "airflow-env"}),
    "MlflowApp": ("roleArn", {"sagemaker"}),
    "MlflowTrackingServer": ("roleArn", {"sagemaker"}),
    "Pipeline": ("roleArn", {"sagemaker"}),
    "FlowLog": ("iamRoleArn", {"vpc-flow-logs"}),
    "BudgetAction": ("executionRoleArn", {"budgets"}),
}
"""Who takes a role: where it is named, and the services that must be trusted with it."""

Need = tuple[str, str, str]
"""What has to be done: an action, what with, and by way of which service where it is a key."""


def users_may_take_their_roles(stack: Stack) -> Iterator[str]:
    """The services behind a resource are trusted with the role that it names, and no other is."""
    for user, role, services in takers(stack):
        trusted = {
            service.removesuffix(".amazonaws.com")
            for trust in iam.trusts(stack)
            if trust.source == _label(stack, role)
            for service in trust.services
        }
        if trusted != services:
            yield f"{user} needs {sorted(services)} to take {role}; {sorted(trusted)} may"


def sources_are_the_users(stack: Stack) -> Iterator[str]:
    """A trust names what takes the role: this environment, or this service's things here."""
    kinds = {"airflow": "airflow", "airflow-env": "airflow", "vpc-flow-logs": "ec2"}
    for trust in iam.trusts(stack):
        for arn in trust.condition("ArnLike", "aws:SourceArn"):
            wanted = {
                kinds.get(name.removesuffix(".amazonaws.com"), name.removesuffix(".amazonaws.com"))
                for name in trust.services
            }
            if {arn.split(":")[2]} != wanted:
                yield f"{trust.source} is taken for {arn} by {trust.services}"


def every_role_is_somebodys(stack: Stack) -> Iterator[str]:
    """A role that nobody takes is a way in, and one without permissions is of no use."""
    taken = {role for _, role, _ in takers(stack)}
    for role in stack.kind("Role"):
        name = given(role)["name"]
        if name not in taken:
            yield f"nobody takes {role.label}"
        if not iam.of_role(stack, name):
            yield f"{role.label} may do nothing"


def roles_may_do_their_work(stack: Stack) -> Iterator[str]:
    """Each role has the permissions that its work needs."""
    for role, needs in _work(stack):
        for action, resource, via in needs:
            if not iam.may(stack, role, action, resource, via=via):
                yield f"{role} may not {action} {resource} {via}".rstrip()


def roles_may_do_no_more(stack: Stack) -> Iterator[str]:
    """Nobody changes roles, keys, other buckets, or the network beyond its own interfaces."""
    buckets = {given(resource)["bucket"] for resource in stack.kind("Bucket")}
    for role in _roles_of_the_platform(stack):
        for statement in iam.of_role(stack, given(role)["name"]):
            for action in statement.actions:
                service, _, verb = action.partition(":")
                if service in ("iam", "sts", "organizations") and verb != "PassRole":
                    yield f"{role.label} may {action}"
                if service == "kms" and verb.startswith(("Put", "Schedule", "Disable", "Update")):
                    yield f"{role.label} may {action}"
            for arn in statement.resources:
                name = arn.rpartition(":")[2].partition("/")[0]
                if ":s3:::" in arn and name not in buckets:
                    yield f"{role.label} reaches {arn}"


def a_schedule_only_starts_its_pipeline(stack: Stack) -> Iterator[str]:
    """The role of a schedule may do one thing with one pipeline."""
    ends = {each.label for each in stoppers(stack)}
    for schedule in stack.kind("Schedule"):
        target = given(schedule)["target"]
        if schedule.label in ends:
            continue
        for statement in iam.of_role(stack, target["roleArn"].rpartition("/")[2]):
            for action in statement.actions:
                if action != "sagemaker:StartPipelineExecution":
                    yield f"{schedule.label} may {action}"
            if statement.resources != [target["arn"]]:
                yield f"{schedule.label} reaches {statement.resources}"


def only_the_data_is_shared(stack: Stack) -> Iterator[str]:
    """MLflow reaches its artifacts only, MWAA its DAGs only, and it does not write them."""
    for kind, reached in (("MlflowApp", "artifacts"), ("MlflowTrackingServer", "artifacts"),
                          ("Environment", "dags")):  # fmt: skip
        for user in stack.kind(kind):
            role = given(user)[USERS[kind][0]].rpartition("/")[2]
            for bucket in stack.kind("Bucket"):
                arn = f"arn:aws:s3:::{given(bucket)['bucket']}/x"
                if bucket.name != reached and iam.may(stack, role, "s3:GetObject", arn):
                    yield f"{user.label} reads {bucket.label}"
                if kind == "Environment" and iam.may(stack, role, "s3:PutObject", arn):
                    yield f"{user.label} writes {bucket.label}"


def logs_may_be_encrypted(stack: Stack) -> Iterator[str]:
    """CloudWatch may use the key for each group that is encrypted with it."""
    for key in stack.kind("Key"):
        served = [
            arn
            for statement in iam.of(key, "policy")
            if {"kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"} <= {*statement.actions}
            and statement.services == [f"logs.{stack.plan.settings.region}.amazonaws.com"]
            for arn in statement.condition("ArnEquals", "kms:EncryptionContext:aws:logs:arn")
        ]
        for group in stack.kind("LogGroup"):
            name = given(group)["name"]
            if given(group).get("kmsKeyId") and not any(
                arn.endswith(f":log-group:{name}") for arn in served
            ):
                yield f"CloudWatch may not encrypt {group.label} with {key.label}"


def the_key_is_governed(stack: Stack) -> Iterator[str]:
    """The account's own policies say who uses a key; else nobody could change or delete it."""
    wanted = {"kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:Decrypt", "kms:CreateGrant"}
    root = f":iam::{stack.plan.settings.account_id}:root"
    for key in stack.kind("Key"):
        if not any(
            wanted <= {*statement.actions}
            and str(statement.said["Principal"].get("AWS", "")).endswith(root)
            for statement in iam.of(key, "policy")
        ):
            yield f"{key.label} is governed by nobody"


def takers(stack: Stack) -> Iterator[tuple[str, str, set[str]]]:
    """Who takes a role, its name, and the services behind them."""
    for kind, (key, services) in USERS.items():
        for resource in stack.kind(kind):
            yield resource.label, given(resource).get(key, "").rpartition("/")[2], services
    for resource in stack.kind("Domain"):
        arn = given(resource)["defaultUserSettings"]["executionRole"]
        yield resource.label, arn.rpartition("/")[2], {"sagemaker"}
    for resource in stack.kind("Schedule"):
        arn = given(resource)["target"]["roleArn"]
        yield resource.label, arn.rpartition("/")[2], {"scheduler"}
    for job in jobs(stack):
        yield "a job", job["RoleArn"].rpartition("/")[2], {"sagemaker"}


def _work(stack: Stack) -> Iterator[tuple[str, list[Need]]]:
    for user, role, _ in takers(stack):
        kind = user.partition(" ")[0]
        if kind == "Environment":
            yield role, [*_airflow(stack, user), *_runner(stack, _prefix(stack))]
        elif kind == "Pipeline":
            yield role, _runner(stack, "pipelines-0")
        elif kind == "Schedule":
            yield role, [_start_or_stop(stack, stack.graph.one(user))]
        elif kind == "BudgetAction":
            yield role, _denials(stack, user)
        elif kind == "FlowLog":
            yield role, _flows(stack)
        elif kind.startswith("Mlflow"):
            yield role, _bucket(stack, "artifacts", write=True)
        else:
            yield role, _job(stack)


def _roles_of_the_platform(stack: Stack) -> list[Recorded]:
    """All but those that change others' rights when the budget is spent: `limits` is for them."""
    actions = stack.kind("BudgetAction")
    limits = {given(each)["executionRoleArn"].rpartition("/")[2] for each in actions}
    return [role for role in stack.kind("Role") if given(role)["name"] not in limits]


def _denials(stack: Stack, action: str) -> list[Need]:
    names = given(stack.graph.one(action))["definition"]["iamActionDefinition"]["roles"]
    arns = [f"arn:aws:iam::{stack.plan.settings.account_id}:role/{name}" for name in names]
    return [(f"iam:{verb}RolePolicy", arn, "") for arn in arns for verb in ("Attach", "Detach")]


def _start_or_stop(stack: Stack, schedule: Recorded) -> Need:
    if schedule.label in {each.label for each in stoppers(stack)}:
        return (*need(stack, schedule), "")
    return "sagemaker:StartPipelineExecution", given(schedule)["target"]["arn"], ""


def _airflow(stack: Stack, user: str) -> list[Need]:
    name = given(stack.graph.one(user))["name"]
    key = _key(stack)
    return [
        ("airflow:PublishMetrics", _arn(stack, "airflow", f"environment/{name}"), ""),
        *_bucket(stack, "dags", write=False),
        ("s3:GetBucketPublicAccessBlock", _bucket_arn(stack, "dags"), ""),
        ("s3:GetAccountPublicAccessBlock", "*", ""),
        *((f"logs:{verb}", _arn(stack, "logs", f"log-group:airflow-{name}-Task:log-stream:x"), "")
          for verb in ("CreateLogStream", "PutLogEvents", "GetLogEvents")),
        ("cloudwatch:PutMetricData", "*", ""),
        *((f"sqs:{verb}", f"arn:aws:sqs:{stack.plan.settings.region}:999:airflow-celery-x", "")
          for verb in ("SendMessage", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes")),
        *((f"kms:{verb}", key, _host(stack, "sqs"))
          for verb in ("Decrypt", "GenerateDataKey") if key),
    ]  # fmt: skip


def _runner(stack: Stack, prefix: str) -> list[Need]:
    named = {
        "ProcessingJob": _arn(stack, "sagemaker", f"processing-job/{prefix}-x"),
        "TrainingJob": _arn(stack, "sagemaker", f"training-job/{prefix}-x"),
    }
    verbs = ("Create", "Describe", "Stop")
    return [
        *((f"sagemaker:{verb}{kind}", arn, "") for kind, arn in named.items() for verb in verbs),
        *(("sagemaker:AddTags", arn, "") for arn in named.values()),
        *(("iam:PassRole", role, "") for role in sorted({job["RoleArn"] for job in jobs(stack)})),
    ]


def _job(stack: Stack) -> list[Need]:
    (mlflow,) = {job["Environment"]["MLFLOW_TRACKING_URI"] for job in jobs(stack)}
    region = _arn(stack, "ecr", "repository/")
    repository = region + given(stack.kind("Repository")[0])["name"]
    return [
        *_bucket(stack, "data", write=True),
        *_bucket(stack, "artifacts", write=True),
        ("ecr:GetAuthorizationToken", "*", ""),
        ("ecr:BatchGetImage", repository, ""),
        ("ecr:GetDownloadUrlForLayer", repository, ""),
        ("logs:PutLogEvents", _arn(stack, "logs", "log-group:/aws/sagemaker/TrainingJobs:x"), ""),
        ("ec2:CreateNetworkInterface", _arn(stack, "ec2", "network-interface/x"), ""),
        ("ec2:DeleteNetworkInterface", _arn(stack, "ec2", "network-interface/x"), ""),
        ("ec2:DescribeSubnets", "*", ""),
        ("sagemaker-mlflow:CreateRun", mlflow, ""),
    ]


def _flows(stack: Stack) -> list[Need]:
    groups = [
        given(resource)["name"] for resource in stack.kind("LogGroup") if resource.name == "flow"
    ]
    return [
        (f"logs:{verb}", _arn(stack, "logs", f"log-group:{name}:log-stream:x"), "")
        for name in groups
        for verb in ("CreateLogStream", "PutLogEvents")
    ]


def _bucket(stack: Stack, role: str, *, write: bool) -> list[Need]:
    arn, key = _bucket_arn(stack, role), _key(stack)
    verbs = ["Decrypt", *(["GenerateDataKey"] if write else [])]
    return [
        ("s3:ListBucket", arn, ""),
        ("s3:GetObject", f"{arn}/x", ""),
        *([("s3:PutObject", f"{arn}/x", "")] if write else []),
        *([(f"kms:{verb}", key, _host(stack, "s3")) for verb in verbs] if key else []),
    ]


def _key(stack: Stack) -> str:
    if named := stack.plan.settings.storage.key_arn:
        return str(named)
    return next((_arn(stack, "kms", f"key/id-of-{k.name}") for k in stack.kind("Key")), "")


def _prefix(stack: Stack) -> str:
    first, *_ = jobs(stack)
    return str(first["ProcessingJobName"]).partition("-prepare-")[0]


def _bucket_arn(stack: Stack, role: str) -> str:
    return f"arn:aws:s3:::{given(stack.graph.one(f'Bucket {role}'))['bucket']}"


def _arn(stack: Stack, service: str, rest: str) -> str:
    settings = stack.plan.settings
    return f"arn:aws:{service}:{settings.region}:{settings.account_id}:{rest}"


def _host(stack: Stack, service: str) -> str:
    return f"{service}.{stack.plan.settings.region}.amazonaws.com"


def _label(stack: Stack, name: str) -> str:
    found = stack.by("Role", "name", name)
    return found.label if found else ""
