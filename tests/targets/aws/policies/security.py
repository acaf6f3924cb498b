"""The thirty checks of a default stack, as far as they are about what AWS manages.

A rule is a function over a recorded stack whose first line is the check's title. `ELSEWHERE` says
of every other number why it is no rule here.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase

from tests.targets.aws.graph.types import arguments
from tests.targets.aws.policies import iam, view
from tests.targets.aws.policies.view import Stack, every_key, given, jobs, listed

Rule = Callable[[Stack], Iterator[str]]

MARKS = {"pilothouse-platform", "pilothouse-stack", "pilothouse-owner", "pilothouse-expires"}
AIRFLOW_LOGS = {"dagProcessing", "scheduler", "task", "webserver", "worker"}
WHOLE = {
    "cloudwatch:PutMetricData", "ecr:GetAuthorizationToken", "logs:DescribeLogGroups",
    "s3:GetAccountPublicAccessBlock", "sagemaker:ListProcessingJobs", "sagemaker:ListTrainingJobs",
    "ec2:DescribeDhcpOptions", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets", "ec2:DescribeVpcs",
}  # fmt: skip
"""What IAM knows for all resources only; none of it reads or writes what somebody stored."""

_SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|PASSPHRASE|CREDENTIAL|ACCESS_?KEY", re.IGNORECASE)
_KNOWN = {"RUN_TOKEN"}  # tells runs apart, and opens nothing
_KEY_ID = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")


def default_deny(stack: Stack) -> Iterator[str]:
    """Default-deny ingress and egress."""
    closed = {
        given(resource)["vpcId"]: given(resource) for resource in stack.kind("DefaultSecurityGroup")
    }
    for vpc in stack.kind("Vpc"):
        rules = closed.get(vpc.name, {"ingress": "as AWS made it"})
        if rules.get("ingress") or rules.get("egress"):
            yield f"{vpc.label}: its default group lets something through"
    for group in stack.kind("SecurityGroup"):
        for rule in given(group)["egress"]:
            https = rule["protocol"] == "tcp" and rule["fromPort"] == rule["toPort"] == 443
            if not rule.get("self") and not https:
                yield f"{group.label} lets more out than HTTPS: {rule}"


def pinned_images(stack: Stack) -> Iterator[str]:
    """Images pinned by digest."""
    for repository in stack.kind("Repository"):
        if given(repository).get("imageTagMutability") != "IMMUTABLE":
            yield f"{repository.label}: what a tag means may change"
    names = {given(resource)["name"] for resource in stack.kind("Repository")}
    for job in jobs(stack):
        host, _, rest = view.image(job).partition("/")
        name, _, tag = rest.partition(":")
        digest = "@sha256:" in rest
        if not digest and (name not in names or tag in ("", "latest") or ".dkr.ecr." not in host):
            yield f"{view.image(job)} may be another image tomorrow"


def inside_only(stack: Stack) -> Iterator[str]:
    """ClusterIP only; exposure is opt-in, with TLS."""
    for group in stack.kind("SecurityGroup"):
        for rule in given(group)["ingress"]:
            if not rule.get("self") or rule.get("cidrBlocks") or rule.get("ipv6CidrBlocks"):
                yield f"{group.label} lets others in: {rule}"
    for subnet in stack.kind("Subnet"):
        if given(subnet).get("mapPublicIpOnLaunch") is not False:
            yield f"{subnet.label} gives out public addresses"


def mlflow_asks_who(stack: Stack) -> Iterator[str]:
    """An authenticating front before MLflow."""
    servers = stack.kind("MlflowApp", "MlflowTrackingServer")
    for statement in iam.permissions(stack):
        calls = any(action.startswith("sagemaker-mlflow:") for action in statement.actions)
        if calls and not all(":mlflow-" in resource for resource in statement.resources):
            yield f"{statement.source} may call another's MLflow: {statement.resources}"
    if not servers:
        yield "there is no MLflow whose callers SageMaker asks who they are"


def secrets_are_hidden(stack: Stack) -> Iterator[str]:
    """Generated secrets, none in env literals, logs or plain state."""
    for resource in stack.kind("AccessKey", "User", "Secret", "SecretVersion"):
        yield f"{resource.label} is a secret where a role would do"
    for resource in stack.resources:
        for key, value in every_key(given(resource)):
            named = _SECRET.search(key) and key not in _KNOWN and isinstance(value, str)
            if named or (isinstance(value, str) and _KEY_ID.search(value)):
                yield f"{resource.label} has a secret in the clear as {key}"


def keys_are_kept(stack: Stack) -> Iterator[str]:
    """A non-empty passphrase or KMS; a tested rotation."""
    arns = {f"key/id-of-{resource.name}" for resource in stack.kind("Key")}
    for key in stack.kind("Key"):
        if given(key).get("enableKeyRotation") is not True:
            yield f"{key.label} is never renewed"
    named = stack.plan.settings.storage.key_arn
    if bool(arns) != (stack.plan.settings.has_key and not named):
        yield "there is a key that nobody asked for, or none where one was asked for"
    arns |= {named} - {None}
    for label, found in encrypted_with(stack):
        if (found is not None or arns) and not any(str(found).endswith(item) for item in arns):
            yield f"{label} is encrypted with {found or 'no key of the stack'}"


def buckets_are_safe(stack: Stack) -> Iterator[str]:
    """S3: public block, TLS only, encryption, versioning."""
    for bucket in stack.kind("Bucket"):
        name = given(bucket)["bucket"]
        yield from (f"{bucket.label} {said}" for said in _amiss(stack, name))


def airflow_is_private(stack: Stack) -> Iterator[str]:
    """MWAA PRIVATE_ONLY and all its logs."""
    for environment in stack.kind("Environment"):
        known = given(environment)
        if known.get("webserverAccessMode") != "PRIVATE_ONLY":
            yield f"{environment.label} serves its console publicly"
        for kind in AIRFLOW_LOGS:
            log = known.get("loggingConfiguration", {}).get(f"{kind}Logs", {})
            if log.get("enabled") is not True or log.get("logLevel") not in ("INFO", "DEBUG"):
                yield f"{environment.label} does not log its {kind}"


def sagemaker_is_inside(stack: Stack) -> Iterator[str]:
    """SageMaker VpcOnly, no root notebooks."""
    for domain in stack.kind("Domain"):
        if given(domain).get("appNetworkAccessType") != "VpcOnly":
            yield f"{domain.label} reaches the internet by itself"
        if not given(domain)["defaultUserSettings"].get("securityGroups"):
            yield f"{domain.label} is in SageMaker's own group"
    for notebook in stack.kind("NotebookInstance"):
        if given(notebook).get("rootAccess") != "Disabled":
            yield f"{notebook.label} makes its user root"
    for job in jobs(stack):
        if not view.network(job).get("Subnets") or not view.network(job).get("SecurityGroupIds"):
            yield f"a job of {view.image(job)} is not in the network"


def trusts_are_bound(stack: Stack) -> Iterator[str]:
    """SourceAccount and SourceArn on every service trust."""
    account = stack.plan.settings.account_id
    for trust in iam.trusts(stack):
        if trust.condition("StringEquals", "aws:SourceAccount") != [account]:
            yield f"{trust.source}: a service may take it for another account"
        sources = trust.condition("ArnLike", "aws:SourceArn")
        sources += trust.condition("ArnEquals", "aws:SourceArn")
        if not sources or any(arn.split(":")[4:5] != [account] for arn in sources):
            yield f"{trust.source}: a service may take it for anything: {sources}"
        if trust.actions != ["sts:AssumeRole"] or not trust.services:
            yield f"{trust.source} may be taken by more than a service"
    for statement in iam.of_resources(stack):
        if statement.services and not statement.condition(
            "ArnEquals", "kms:EncryptionContext:aws:logs:arn"
        ):
            yield f"{statement.source} serves a service for anybody"


def roles_are_passed_with_care(stack: Stack) -> Iterator[str]:
    """PassRole limited by ARN and iam:PassedToService."""
    roles = {given(resource)["name"] for resource in stack.kind("Role")}
    for statement in iam.permissions(stack):
        if not statement.allows or not any(
            fnmatchcase("iam:PassRole", action) for action in statement.actions
        ):
            continue
        if not {arn.rpartition("/")[2] for arn in statement.resources} <= roles:
            yield f"{statement.source} passes {statement.resources}"
        if not statement.condition("StringEquals", "iam:PassedToService"):
            yield f"{statement.source} passes roles to any service"


def least_privilege(stack: Stack) -> Iterator[str]:
    """No `*` action with `*` resource."""
    for statement in filter(lambda statement: statement.allows, iam.permissions(stack)):
        said = statement.said
        if "NotAction" in said or ("NotResource" in said and not said.get("Condition")):
            yield f"{statement.source} allows whatever it does not name"
        everything = any(arn.split(":", 5)[-1] == "*" for arn in statement.resources)
        for action in statement.actions:
            if "*" in action and action != "sagemaker-mlflow:*":
                yield f"{statement.source} allows {action}"
            if action not in WHOLE and everything:
                yield f"{statement.source} allows {action} on everything"
    for statement in iam.of_resources(stack):
        if statement.allows and set(statement.actions) & {"*", "s3:*", "kms:*"}:
            yield f"{statement.source} allows {statement.actions} to {statement.said['Principal']}"


def everything_is_marked(stack: Stack) -> Iterator[str]:
    """Tags for run, owner and expiry, and log retention, everywhere."""
    wanted = {**stack.plan.settings.tags, **stack.plan.tags}
    for resource in stack.resources:
        if "tags" in inspect.signature(arguments(resource.type)).parameters:
            tags = given(resource).get("tags") or {}
            own = (
                wanted
                if resource.type != "aws:s3/bucketObjectv2:BucketObjectv2"
                else stack.plan.tags
            )
            if not tags.keys() >= MARKS or not own.items() <= tags.items():
                yield f"{resource.label} bears {sorted(tags)}"
    for group in stack.kind("LogGroup"):
        days = stack.plan.platform.orchestration.log_retention_days
        if not days <= given(group).get("retentionInDays", 0) < 2 * days + 3:
            yield f"{group.label} keeps logs for {given(group).get('retentionInDays')} days"


RULES: Mapping[int, Rule] = {
    10: default_deny,
    13: pinned_images,
    16: inside_only,
    17: mlflow_asks_who,
    20: secrets_are_hidden,
    21: keys_are_kept,
    22: buckets_are_safe,
    25: airflow_is_private,
    26: sagemaker_is_inside,
    27: trusts_are_bound,
    28: roles_are_passed_with_care,
    29: least_privilege,
    30: everything_is_marked,
}

_POD = "a pod's; MWAA and SageMaker run their containers on machines of AWS's, one tenant each"
ELSEWHERE: Mapping[int, str] = {
    1: "a cluster's; there is no namespace",
    **dict.fromkeys((2, 3, 4, 5, 6, 7), _POD),
    8: "a cluster's; a job has its own role, which 27 to 29 bound",
    9: "a cluster's RBAC; here it is 29",
    11: "a cluster's; a job has a machine of a named type to itself, and a time limit",
    12: "a cluster's; AWS restarts what it manages",
    14: "a signature belongs to an image, not to this graph; a tag of its repository can't be "
    "moved (13), and every push is scanned",
    15: "a cluster's; there is no namespace",
    18: "SageMaker's MLflow: its version, hosts and job execution are the service's to set",
    19: "MWAA's newest Airflow that this project knows of is 3.0.6, below the check's 3.2; it has "
    "no default user, IAM says who comes in, and 25 keeps its console private",
    23: "there is no RDS; MWAA's database is the service's own",
    24: "there is no EKS",
}


def title(rule: Rule) -> str:
    """What a rule checks."""
    return str(rule.__doc__).splitlines()[0].rstrip(".")


def encrypted_with(stack: Stack) -> Iterator[tuple[str, str | None]]:
    """What stores anything, and the key that it is given."""
    for resource in stack.kind("BucketServerSideEncryptionConfiguration"):
        for rule in given(resource)["rules"]:
            yield resource.label, rule["applyServerSideEncryptionByDefault"].get("kmsMasterKeyId")
    for kind, key in (("LogGroup", "kmsKeyId"), ("Environment", "kmsKey"), ("Domain", "kmsKeyId"),
                      ("BucketObjectv2", "kmsKeyId")):  # fmt: skip
        yield from ((resource.label, given(resource).get(key)) for resource in stack.kind(kind))
    for resource in stack.kind("Repository"):
        found = given(resource).get("encryptionConfigurations") or [{}]
        yield resource.label, found[0].get("kmsKey")
    for job in jobs(stack):
        if not re.search(r"\.(g\w+|p[45]\w*)\.", view.machine(job)["InstanceType"]):
            yield "a job's disk", view.machine(job).get("VolumeKmsKeyId")
        if "OutputDataConfig" in job:
            yield "a job's output", job["OutputDataConfig"].get("KmsKeyId")


def _amiss(stack: Stack, bucket: str) -> Iterator[str]:
    part = {
        kind: given(found) if (found := stack.by(f"Bucket{kind}", "bucket", bucket)) else {}
        for kind in ("PublicAccessBlock", "OwnershipControls", "Versioning",
                     "ServerSideEncryptionConfiguration", "LifecycleConfiguration")
    }  # fmt: skip
    blocks = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    if not all(part["PublicAccessBlock"].get(item) is True for item in blocks):
        yield "may be made public"
    if part["OwnershipControls"].get("rule") != {"objectOwnership": "BucketOwnerEnforced"}:
        yield "obeys access lists"
    if part["Versioning"].get("versioningConfiguration") != {"status": _versions(stack, bucket)}:
        yield "has no versions, or versions that nobody asked for"
    if not part["ServerSideEncryptionConfiguration"]:
        yield "is not told how to encrypt"
    if not part["LifecycleConfiguration"].get("rules"):
        yield "keeps old versions for ever"
    yield from _open(stack, bucket)


def _versions(stack: Stack, bucket: str) -> str:
    """MWAA wants them in its bucket, whatever the platform says of others."""
    dags = any(given(resource)["sourceBucketArn"].endswith(f":{bucket}")
               for resource in stack.kind("Environment"))  # fmt: skip
    return "Enabled" if dags or stack.plan.platform.storage.versioning else "Suspended"


def _open(stack: Stack, bucket: str) -> Iterator[str]:
    found = stack.by("BucketPolicy", "bucket", bucket)
    denials = [
        statement
        for statement in (iam.of(found, "policy") if found else [])
        if not statement.allows
    ]
    resources = {f":::{bucket}", f":::{bucket}/*"}
    secure = [
        item
        for item in denials
        if item.condition("Bool", "aws:SecureTransport") == ["false"]
        and item.actions == ["s3:*"]
        and item.said["Principal"] == "*"
        and {arn[arn.index(":::") :] for arn in listed(item.said["Resource"])} == resources
    ]
    if not secure:
        yield "answers without TLS"
