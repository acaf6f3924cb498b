"""The thirty checks of a default stack: over every example and option, and each sees its faults."""

from collections.abc import Mapping, Sequence

import pytest

from tests.targets.aws.policies.planting import Fault, also, at, gone
from tests.targets.aws.policies.security import ELSEWHERE, RULES, title
from tests.targets.aws.policies.stacks import every_stack, stack_of
from tests.targets.kubernetes.policies.planting import GONE
from tests.targets.suite import platforms

TRUST = "assumeRolePolicy Statement 0"
AIRFLOW, JOB = "RolePolicy airflow", "RolePolicy job"
STEP = "content 0 config"
OPEN = {"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["0.0.0.0/0"]}
ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
PIPELINE = "pipelineDefinition Steps 1 Arguments"
TRAINED = f"{PIPELINE} AlgorithmSpecification"
OPTIONS = "airflowConfigurationOptions"

VIOLATIONS: Mapping[int, Sequence[Fault]] = {
    10: [
        gone("DefaultSecurityGroup default"),
        at("DefaultSecurityGroup default", "ingress", [OPEN]),
        at("SecurityGroup members", "egress 1 fromPort", 0),
        at("SecurityGroup members", "egress 1 protocol", "-1"),
    ],
    13: [
        at("Repository workload", "imageTagMutability", "MUTABLE"),
        at("Repository workload", "imageTagMutability", GONE),
        at("BucketObjectv2 jobs", f"{STEP} AppSpecification ImageUri", "public.ecr.aws/a/b:1"),
        at("BucketObjectv2 jobs", f"{STEP} AppSpecification ImageUri",
           "123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn-aws-workload-b49a4d:latest"),
        at("Pipeline pipeline", f"{TRAINED} TrainingImage", "a:1", "pipelines"),
    ],
    16: [
        at("SecurityGroup members", "ingress 0", OPEN),
        at("SecurityGroup members", "ingress 1", {**OPEN, "self": True}),
        at("Subnet private-a", "mapPublicIpOnLaunch", True),
        at("Subnet public-b", "mapPublicIpOnLaunch", GONE),
    ],
    17: [
        at("RolePolicy job-mlflow", "policy Statement 0 Resource", ["*"]),
        gone("MlflowApp mlflow"),
    ],
    20: [
        at("BucketObjectv2 jobs", f"{STEP} Environment MLFLOW_TRACKING_PASSWORD", "admin"),
        at("BucketObjectv2 jobs", f"{STEP} Environment AWS_SECRET_ACCESS_KEY", "a"),
        at("Environment airflow", OPTIONS, {"core.a": "AKIAIOSFODNN7EXAMPLE"}),
        at("Pipeline pipeline", f"{PIPELINE} Environment API_TOKEN", "a", "pipelines"),
        also("aws:iam/accessKey:AccessKey", "person", {"user": "person"}),
    ],
    21: [
        at("Key key", "enableKeyRotation", False),
        at("Key key", "enableKeyRotation", GONE),
        gone("Key key"),
        at("LogGroup task", "kmsKeyId", GONE),
        at("Environment airflow", "kmsKey", GONE),
        at("Repository workload", "encryptionConfigurations", GONE),
        at("BucketObjectv2 dag", "kmsKeyId", GONE),
        at("Domain domain", "kmsKeyId", GONE, "domain"),
        at("BucketObjectv2 jobs", f"{STEP} ProcessingResources ClusterConfig VolumeKmsKeyId", GONE),
        at("BucketObjectv2 jobs", "content 1 config OutputDataConfig KmsKeyId", GONE),
        at("BucketServerSideEncryptionConfiguration data",
           "rules 0 applyServerSideEncryptionByDefault kmsMasterKeyId",
           "arn:aws:kms:eu-west-1:123456789012:key/other"),
        at("Environment airflow", "kmsKey", "arn:aws:kms:eu-west-1:1:key/a", "without-key"),
    ],
    22: [
        *(gone(f"Bucket{part} data") for part in (
            "PublicAccessBlock", "OwnershipControls", "Policy", "Versioning",
            "ServerSideEncryptionConfiguration", "LifecycleConfiguration")),
        at("BucketPublicAccessBlock artifacts", "restrictPublicBuckets", False),
        at("BucketPublicAccessBlock dags", "blockPublicPolicy", GONE),
        at("BucketOwnershipControls dags", "rule objectOwnership", "ObjectWriter"),
        at("BucketVersioning dags", "versioningConfiguration status", "Suspended"),
        at("BucketVersioning dags", "versioningConfiguration status", "Suspended", "large"),
        at("BucketVersioning data", "versioningConfiguration status", "Suspended"),
        at("BucketVersioning data", "versioningConfiguration status", "Enabled", "large"),
        at("BucketPolicy data", "policy Statement 0 Effect", "Allow"),
        at("BucketPolicy data", "policy Statement 0 Resource 1", GONE),
        at("BucketPolicy data", "policy Statement 0 Action", "s3:GetObject"),
        at("BucketPolicy data", "policy Statement 0 Condition Bool aws:SecureTransport", "true"),
    ],
    25: [
        at("Environment airflow", "webserverAccessMode", "PUBLIC_ONLY"),
        at("Environment airflow", "webserverAccessMode", "PUBLIC_AND_PRIVATE"),
        at("Environment airflow", "webserverAccessMode", GONE),
        at("Environment airflow", "loggingConfiguration webserverLogs enabled", False),
        at("Environment airflow", "loggingConfiguration taskLogs", GONE),
        at("Environment airflow", "loggingConfiguration workerLogs logLevel", "CRITICAL"),
    ],
    26: [
        at("Domain domain", "appNetworkAccessType", "PublicInternetOnly", "domain"),
        at("Domain domain", "appNetworkAccessType", GONE, "domain"),
        at("Domain domain", "defaultUserSettings securityGroups", GONE, "domain"),
        at("BucketObjectv2 jobs", f"{STEP} NetworkConfig", {"EnableNetworkIsolation": False}),
        at("Pipeline pipeline", f"{PIPELINE} VpcConfig", GONE, "pipelines"),
        also("aws:sagemaker/notebookInstance:NotebookInstance", "notes", {"rootAccess": "Enabled"}),
    ],
    27: [
        at("Role airflow-role", f"{TRUST} Condition StringEquals", GONE),
        at("Role airflow-role", f"{TRUST} Condition ArnLike", GONE),
        at("Role job-role", f"{TRUST} Condition StringEquals aws:SourceAccount", "999999999999"),
        at("Role mlflow-role", f"{TRUST} Condition ArnLike aws:SourceArn", "*"),
        at("Role flow-role", f"{TRUST} Condition", GONE),
        at("Role job-role", f"{TRUST} Action", "sts:*"),
        at("Role job-role", f"{TRUST} Principal", {"AWS": "*"}),
        at("Role job-role", f"{TRUST} Principal", "*"),
        at("Key key", "policy Statement 1 Condition", GONE),
    ],
    28: [
        at(AIRFLOW, "policy Statement 0 Action 1", "iam:PassRole"),
        at(AIRFLOW, "policy Statement 0", {**ALL, "Action": "iam:PassRole"}),
        at(AIRFLOW, "policy Statement 0", {**ALL, "Action": "iam:*"}),
        at(JOB, "policy Statement 0", {
            **ALL, "Action": "iam:PassRole",
            "Resource": "arn:aws:iam::123456789012:role/churn-aws-job-role-b49a4d"}),
    ],
    29: [
        at(JOB, "policy Statement 0", ALL),
        at(JOB, "policy Statement 0 Action", "s3:*"),
        at(JOB, "policy Statement 0 Resource", "*"),
        at(JOB, "policy Statement 0 Resource", "arn:aws:s3:::*"),
        at(JOB, "policy Statement 0", {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
        at(JOB, "policy Statement 0", {"Effect": "Allow", "Action": "a:b", "NotResource": "a"}),
        at("Key key", "policy Statement 0 Action", "kms:*"),
        at("BucketPolicy data", "policy Statement 2",
           {"Effect": "Allow", "Action": "s3:*", "Principal": "*", "Resource": "*"}),
    ],
    30: [
        at("Bucket data", "tags pilothouse-expires", GONE),
        at("Bucket data", "tags", GONE),
        at("Subnet private-a", "tags pilothouse-owner", "somebody-else"),
        at("BucketObjectv2 dag", "tags", GONE),
        at("Environment airflow", "tags team", GONE, "closed"),
        at("LogGroup task", "retentionInDays", GONE),
        at("LogGroup task", "retentionInDays", 7),
        at("LogGroup flow", "retentionInDays", 3653),
    ],
}  # fmt: skip


def test_each_of_the_thirty_is_a_rule_or_has_a_reason() -> None:
    assert sorted([*RULES, *ELSEWHERE]) == list(range(1, 31))
    assert all(title(rule) for rule in RULES.values())
    assert RULES.keys() == VIOLATIONS.keys()


@every_stack
@pytest.mark.parametrize("number", RULES, ids=lambda n: f"{n}-{RULES[n].__name__}")
def test_a_rule_is_kept(number: int, case: str) -> None:
    assert list(RULES[number](stack_of(case))) == []


PLANTED = [(number, fault) for number, faults in VIOLATIONS.items() for fault in faults]


@pytest.mark.parametrize(
    ("number", "fault"), PLANTED, ids=[f"{n}-{f.name}".replace(" ", "-") for n, f in PLANTED]
)
def test_a_violation_is_seen(number: int, fault: Fault) -> None:
    assert list(RULES[number](fault.planted())) != []


def test_the_documented_table_is_this_one() -> None:
    text = (platforms.ROOT / "docs/aws-checks.md").read_text(encoding="utf-8")
    for number, rule in RULES.items():
        assert f"| {number} | {title(rule)} | `{rule.__name__}`" in text
    for number, reason in ELSEWHERE.items():
        assert any(
            line.startswith(f"| {number} |") and line.endswith(f"| {reason} |")
            for line in text.splitlines()
        )
