"""Who may do what on AWS: the least, for nobody else's sake, and over TLS."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from pilothouse.program.build import record_graph
from pilothouse.targets.aws import naming
from pilothouse.targets.aws.operations import deployer_policy
from tests.targets.aws.graph.stacks import (
    OPTIONS,
    every_option,
    inputs,
    made,
    planned,
    policies,
    recorded,
    stack,
    statements,
)
from tests.targets.suite.recorder import Recording, revealed

LARGEST_INLINE = 10_240
"""Characters, without spaces, of all the policies that a role has in itself."""

ON_EVERYTHING = {
    "cloudwatch:PutMetricData",
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "ecr:GetAuthorizationToken",
    "logs:DescribeLogGroups",
    "s3:GetAccountPublicAccessBlock",
    "sagemaker:ListProcessingJobs",
    "sagemaker:ListTrainingJobs",
}
"""Actions for which IAM knows no narrower resource."""


def allowed(graph: Recording) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement that allows something, with whose it is."""
    for label, found in policies(graph):
        yield from ((label, item) for item in found if item["Effect"] == "Allow")


@every_option
def test_no_role_may_do_anything_with_anything(option: str) -> None:
    for label, statement in allowed(stack(option)):
        if label.startswith("RolePolicy"):
            assert "*" not in statement["Action"], label
            if "*" in statement.get("Resource", []):
                assert set(statement["Action"]) <= ON_EVERYTHING, label
            for action in statement["Action"]:
                assert "*" not in action or action == "sagemaker-mlflow:*", (label, action)


@every_option
def test_the_key_is_governed_by_named_rights(option: str) -> None:
    for resource in stack(option).kind("Key"):
        for statement in statements(resource.inputs["policy"]):
            assert [action for action in statement["Action"] if "*" in action] == []
            assert statement["Principal"] != "*"


@every_option
def test_every_service_acts_for_this_account_only(option: str) -> None:
    roles = stack(option).kind("Role")
    assert len(roles) >= 3
    for role in roles:
        (statement,) = statements(role.inputs["assumeRolePolicy"])
        assert statement["Principal"]["Service"]
        condition = statement["Condition"]
        assert condition["StringEquals"] == {"aws:SourceAccount": "123456789012"}
        source = condition["ArnLike"]["aws:SourceArn"]
        assert ":123456789012:" in source
        assert source.startswith("arn:aws:")


@every_option
def test_a_role_is_handed_to_sagemaker_and_no_other(option: str) -> None:
    passing = [item for _, item in allowed(stack(option)) if "iam:PassRole" in item["Action"]]
    assert len(passing) == 1
    for statement in passing:
        assert statement["Resource"] == [naming.role_arn(planned(OPTIONS[option]), "job")]
        passed = {"iam:PassedToService": "sagemaker.amazonaws.com"}
        assert statement["Condition"] == {"StringEquals": passed}


@every_option
def test_every_bucket_is_closed_to_the_world_and_to_plain_http(option: str) -> None:
    graph = stack(option)
    buckets = {resource.name for resource in graph.kind("Bucket")}
    assert {resource.name for resource in graph.kind("BucketPolicy")} == buckets != set()
    for bucket in buckets:
        block = inputs(graph, f"BucketPublicAccessBlock {bucket}")
        assert [block[key] for key in block if key != "bucket"] == [True] * 4
        rule = inputs(graph, f"BucketOwnershipControls {bucket}")["rule"]
        assert rule == {"objectOwnership": "BucketOwnerEnforced"}
        found = statements(inputs(graph, f"BucketPolicy {bucket}")["policy"])
        arn = naming.bucket_arn(planned(OPTIONS[option]), bucket)
        assert {item["Effect"] for item in found} == {"Deny"}
        assert all(item["Resource"] == [arn, f"{arn}/*"] for item in found)
        assert {"Bool": {"aws:SecureTransport": "false"}} in [item["Condition"] for item in found]


@every_option
def test_who_has_a_bucket_has_no_other(option: str) -> None:
    graph, plan = stack(option), planned(OPTIONS[option])
    own = {"airflow": {"dags"}, "mlflow": {"artifacts"}, "job": {"data", "artifacts"}}
    for who, roles in own.items():
        found = [policy for policy in graph.kind("RolePolicy") if policy.name == who]
        for policy in found:
            text = policy.inputs["policy"]
            opened = {r for r in ("data", "artifacts", "dags") if plan.name(r) in text}
            assert opened == roles


@every_option
def test_the_key_opens_what_the_stacks_services_ask_for_only(option: str) -> None:
    for label, statement in allowed(stack(option)):
        if label.startswith("RolePolicy") and any("kms:" in a for a in statement["Action"]):
            condition = json.dumps(statement["Condition"])
            assert "kms:ViaService" in condition or "GrantIsForAWSResource" in condition, label


@every_option
def test_logs_are_encrypted_for_the_stacks_own_groups_only(option: str) -> None:
    graph = stack(option)
    groups = {f"arn:aws:logs:eu-west-1:123456789012:log-group:{resource.inputs['name']}"
              for resource in graph.kind("LogGroup")}  # fmt: skip
    for key in graph.kind("Key"):
        named = [
            statement
            for statement in statements(key.inputs["policy"])
            if statement["Sid"] == "Logs"
        ]
        condition = [item["Condition"]["ArnEquals"] for item in named]
        expected = {"kms:EncryptionContext:aws:logs:arn": groups}
        assert [{k: set(v) for k, v in item.items()} for item in condition] == (
            [expected] if groups else []
        )


@every_option
def test_nobody_outside_reaches_a_member(option: str) -> None:
    groups = stack(option).kind("SecurityGroup")
    assert groups
    for group in groups:
        (rule,) = group.inputs["ingress"]
        assert rule["self"] is True
        assert not {"cidrBlocks", "ipv6CidrBlocks", "prefixListIds", "securityGroups"} & set(rule)
        for out in group.inputs["egress"][1:]:
            assert (out["protocol"], out["fromPort"], out["toPort"]) == ("tcp", 443, 443)


def test_the_default_group_of_the_vpc_lets_nobody_through() -> None:
    group = inputs(stack(), "DefaultSecurityGroup default")
    assert group["ingress"] == group["egress"] == []


def test_airflow_may_start_jobs_of_the_stacks_names_only() -> None:
    started = [
        item for _, item in allowed(stack()) if "sagemaker:CreateTrainingJob" in item["Action"]
    ]
    prefix = naming.job_prefix(planned())
    (statement,) = started
    assert [arn.rpartition("/")[2] for arn in statement["Resource"]] == [f"{prefix}*"] * 2


def test_the_queues_of_airflow_are_in_accounts_of_the_services_own() -> None:
    (statement,) = [item for _, item in allowed(stack()) if "sqs:SendMessage" in item["Action"]]
    assert statement["Resource"] == ["arn:aws:sqs:eu-west-1:*:airflow-celery-*"]


@pytest.mark.parametrize(("option", "called"), [("default", True), ("server", False)])
def test_a_job_may_use_the_stacks_mlflow_and_no_other(option: str, called: bool) -> None:
    graph = stack(option)
    (statement,) = statements(inputs(graph, "RolePolicy job-mlflow")["policy"])
    assert statement["Resource"] == [graph.outputs["contract"]["tracking"]["uri"]]
    assert ("sagemaker:CallMlflowAppApi" in statement["Action"]) is called


@every_option
def test_the_policies_of_a_role_fit_in_it(option: str) -> None:
    graph = stack(option)
    sums: dict[str, int] = {}
    for resource in graph.kind("RolePolicy"):
        plain = json.dumps(json.loads(resource.inputs["policy"]), separators=(",", ":"))
        sums[resource.inputs["role"]] = sums.get(resource.inputs["role"], 0) + len(plain)
    assert max(sums.values()) < LARGEST_INLINE


@every_option
def test_no_key_of_anybody_is_made(option: str) -> None:
    """Who may read and write is said of roles."""
    kinds = {resource.type.rpartition(":")[2] for resource in made(stack(option))}
    assert not kinds & {"AccessKey", "User"}


BOUNDARY = "arn:aws:iam::123456789012:policy/org/DeveloperBoundary"
ORGANISED = {"iam": {"path": "/pilots/ml/", "permissionsBoundary": BOUNDARY}}


@pytest.mark.parametrize("engine", ["airflow", "managed"])
def test_every_role_has_the_path_and_the_boundary_that_an_organisation_demands(
    engine: str,
) -> None:
    graph = recorded({**ORGANISED, "engine": engine, "compute": {"domain": True}})
    roles = graph.kind("Role")
    assert len(roles) > 2
    for role in roles:
        assert revealed(dict(role.inputs))["path"] == "/pilots/ml/"
        assert revealed(dict(role.inputs))["permissionsBoundary"] == BOUNDARY


def test_a_role_below_a_path_may_be_made_passed_and_deleted_by_the_deployer() -> None:
    plan = planned(ORGANISED)
    documents = deployer_policy.documents(plan, record_graph(plan))
    found = [item for document in documents for item in document["Statement"]]
    for action in ("iam:CreateRole", "iam:PassRole", "iam:DeleteRole", "iam:PutRolePolicy"):
        arns = [arn for item in found if action in item["Action"] for arn in item["Resource"]]
        assert arns
        assert all(":role/pilots/ml/" in arn for arn in arns)


def test_a_pipeline_s_caller_passes_the_role_below_its_path() -> None:
    assert (
        naming.role_arn(planned(ORGANISED), naming.JOB).split(":role")[1].startswith("/pilots/ml/")
    )


def test_without_demands_roles_have_neither() -> None:
    for role in stack().kind("Role"):
        assert {"path", "permissionsBoundary"}.isdisjoint(revealed(dict(role.inputs)))
