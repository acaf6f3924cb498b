"""What is asked of AWS's provider, held against the SDK's types and the services' own limits."""

import json
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import botocore.session
import pytest

from pilothouse.targets.aws import naming
from pilothouse.targets.aws.resources import budgets
from tests.targets.aws.graph.stacks import (
    TEAM,
    every_option,
    inputs,
    made,
    planned,
    recorded,
    stack,
)
from tests.targets.aws.graph.types import complaints
from tests.targets.conftest import GraphOf
from tests.targets.suite import platforms
from tests.targets.suite.recorder import Recording, revealed


@every_option
def test_every_resource_is_what_the_sdk_takes(option: str) -> None:
    resources = made(stack(option))
    assert len(resources) > 25
    assert {
        resource.label: complaints(resource) for resource in resources if complaints(resource)
    } == {}


@pytest.mark.parametrize(
    "example", [e for e, t in platforms.CARRIED if t == "aws"], ids=lambda e: e.stem
)
def test_every_example_is_what_the_sdk_takes(example: Path, graph_of: GraphOf) -> None:
    resources = made(graph_of(example, "aws"))
    assert len(resources) > 50
    assert {
        resource.label: complaints(resource) for resource in resources if complaints(resource)
    } == {}


GONE = object()
FAULTS = [
    ("Vpc vpc", "cidrBlok", "10.0.0.0/16", "is not a property"),
    ("Subnet private-a", "vpcId", GONE, "is required"),
    ("Subnet private-a", "mapPublicIpOnLaunch", "no", "expected bool"),
    ("Environment airflow", "networkConfiguration", {"subnetIds": []}, "is required"),
    ("Environment airflow", "maxWorkers", "two", "expected int"),
    ("SecurityGroup members", "ingress", [{"protocol": "-1"}], "is required"),
    ("BucketVersioning data", "versioningConfiguration", {"state": "Enabled"}, "is required"),
    ("Budget budget", "notifications", [{"threshold": "high"}], "expected float"),
    ("BucketServerSideEncryptionConfiguration data", "rules", {}, "expected a list"),
    ("MlflowApp mlflow", "roleArn", GONE, "is required"),
]


@pytest.mark.parametrize(("label", "key", "value", "words"), FAULTS)
def test_a_fault_is_seen(label: str, key: str, value: Any, words: str) -> None:
    good = stack().one(label)
    kept = {name: old for name, old in good.inputs.items() if name != key}
    wrong = replace(good, inputs=kept if value is GONE else {**kept, key: value})
    assert complaints(good) == []
    assert [text for _, text in complaints(wrong) if words in text]


LONG = "A_Very.Long-Stack.Name" * 4
NAMES: list[tuple[str, str, str, str, str]] = [
    ("Bucket data", "bucket", "s3", "CreateBucket", "Bucket"),
    ("Bucket artifacts", "bucket", "s3", "CreateBucket", "Bucket"),
    ("Bucket dags", "bucket", "s3", "CreateBucket", "Bucket"),
    ("Environment airflow", "name", "mwaa", "CreateEnvironment", "Name"),
    ("Role airflow-role", "name", "iam", "CreateRole", "RoleName"),
    ("Role job-role", "name", "iam", "CreateRole", "RoleName"),
    ("Alias key", "name", "kms", "CreateAlias", "AliasName"),
    ("Repository workload", "name", "ecr", "CreateRepository", "repositoryName"),
    ("LogGroup dag-processing", "name", "logs", "CreateLogGroup", "logGroupName"),
    ("LogGroup flow", "name", "logs", "CreateLogGroup", "logGroupName"),
    ("MlflowApp mlflow", "name", "sagemaker", "CreateMlflowApp", "Name"),
    (
        "ModelPackageGroup model",
        "modelPackageGroupName",
        "sagemaker",
        "CreateModelPackageGroup",
        "ModelPackageGroupName",
    ),
]
OTHER_NAMES: list[tuple[str, str, str, str, str]] = [
    ("Pipeline pipeline", "pipelineName", "sagemaker", "CreatePipeline", "PipelineName"),
    ("Pipeline steps", "pipelineName", "sagemaker", "CreatePipeline", "PipelineName"),
    ("Schedule schedule", "name", "scheduler", "CreateSchedule", "Name"),
    ("ScheduleGroup schedule", "name", "scheduler", "CreateScheduleGroup", "Name"),
    ("Domain domain", "domainName", "sagemaker", "CreateDomain", "DomainName"),
    ("UserProfile person", "userProfileName", "sagemaker", "CreateUserProfile", "UserProfileName"),
    (
        "MlflowTrackingServer mlflow",
        "trackingServerName",
        "sagemaker",
        "CreateMlflowTrackingServer",
        "TrackingServerName",
    ),
]
OTHERS = {
    "engine": "managed",
    "team": TEAM,
    "compute": {"domain": True},
    "tracking": {"server": "tracking-server"},
}


@pytest.fixture(scope="module")
def long_names() -> tuple[Recording, Recording]:
    """The names of a stack whose own name is as long as Pulumi takes it."""
    return recorded({}, stack=LONG), recorded(OTHERS, stack=LONG)


def limits(service: str, operation: str, member: str) -> tuple[int, str]:
    """How long a name may be, and its pattern, as the service's own model says."""
    model: Any = botocore.session.Session().get_service_model(service)
    metadata = model.operation_model(operation).input_shape.members[member].metadata
    return metadata.get("max", 63), metadata.get("pattern", "[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")


@pytest.mark.parametrize(("label", "key", "service", "operation", "member"), [*NAMES, *OTHER_NAMES])
def test_no_name_is_longer_than_its_service_takes(
    long_names: tuple[Recording, Recording],
    label: str,
    key: str,
    service: str,
    operation: str,
    member: str,
) -> None:
    usual, others = long_names
    graph = usual if (label, key, service, operation, member) in NAMES else others
    name = inputs(graph, label)[key]
    most, pattern = limits(service, operation, member)
    assert len(name) <= most
    assert re.fullmatch(pattern, name), (name, pattern)


def test_the_budgets_name_is_short_enough(long_names: tuple[Recording, Recording]) -> None:
    """Its model gives no pattern that Python reads: up to 100, no colon, no backslash."""
    name = inputs(long_names[0], "Budget budget")["name"]
    assert re.fullmatch(r"[a-z0-9-]{1,100}", name)


def test_every_name_is_the_stacks() -> None:
    """By its end it is found again when a killed run left it."""
    plan = planned()
    keys = {"name", "bucket", "modelPackageGroupName", "pipelineName", "domainName"}
    for resource in made(stack()):
        if resource.type.endswith(("BucketObjectv2", "RouteTableAssociation")):
            continue
        found = [resource.inputs[key] for key in keys & set(resource.inputs)]
        own = [name for name in found if isinstance(name, str) and plan.suffix in name]
        assert own == found, resource.label


def test_arns_that_are_computed_are_those_that_aws_gives() -> None:
    plan, graph = planned(), stack()
    roles = {"airflow": "airflow-role", "job": "job-role", "mlflow": "mlflow-role"}
    for who, name in roles.items():
        assert naming.role_arn(plan, who).endswith(f"role/{inputs(graph, f'Role {name}')['name']}")
    assert (
        naming.bucket_arn(plan, "data") == f"arn:aws:s3:::{inputs(graph, 'Bucket data')['bucket']}"
    )
    environment = inputs(graph, "Environment airflow")["name"]
    assert naming.environment_arn(plan).endswith(f":environment/{environment}")
    groups = {resource.inputs["name"] for resource in graph.kind("LogGroup")}
    assert groups == set(naming.log_groups(plan))
    assert len(groups) == 6


every_partition = pytest.mark.parametrize(
    ("region", "partition", "suffix"),
    [
        ("us-east-1", "aws", "amazonaws.com"),
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
    ],
)


@every_partition
def test_arns_and_hosts_are_those_of_the_partition(
    region: str, partition: str, suffix: str
) -> None:
    plan = planned({"region": region, "engine": "managed"})
    assert naming.role_arn(plan, "job").startswith(f"arn:{partition}:iam::123456789012:role/")
    assert naming.bucket_arn(plan, "data").startswith(f"arn:{partition}:s3:::")
    assert naming.pipeline_arn(plan).startswith(f"arn:{partition}:sagemaker:{region}:123456789012:")
    assert naming.image(plan).startswith(f"123456789012.dkr.ecr.{region}.{suffix}/")


ANSWERED = re.compile(r'arn:aws:(?:[a-z]+:eu-west-1:|iam::123456789012:(?:role|policy)/)[^"\\]*')
"""The ARNs that the mocked provider answers, wherever the stack is."""


@every_partition
def test_nothing_that_is_made_names_another_partition(
    region: str, partition: str, suffix: str
) -> None:
    graph = recorded({"region": region, "engine": "managed", "storage": {"encryption": "kms"}})
    asked = json.dumps([revealed(dict(resource.inputs)) for resource in graph], default=str)
    drawn = ANSWERED.sub("", asked)
    assert set(re.findall(r"arn:(aws[a-z-]*):", drawn)) == {partition}
    hosts = set(re.findall(rf"{region}\.(amazonaws\.com(?:\.cn)?)", drawn))
    assert hosts == {suffix}
    assert f"logs.{region}.{suffix}" in drawn


def test_the_options_of_airflow_reach_the_environment() -> None:
    options = {"core.default_task_retries": "2"}
    given = recorded({"orchestration": {"airflowConfiguration": options}})
    (environment,) = (r for r in given if r.type == "aws:mwaa/environment:Environment")
    assert revealed(environment.inputs["airflowConfigurationOptions"]) == options
    assert not complaints(environment)


def test_no_option_of_airflow_is_set_unasked() -> None:
    (environment,) = (r for r in stack() if r.type == "aws:mwaa/environment:Environment")
    assert "airflowConfigurationOptions" not in environment.inputs


@pytest.mark.parametrize(
    ("region", "made"), [("us-east-1", 1), ("cn-north-1", 1), ("us-gov-west-1", 0)]
)
def test_there_is_a_budget_where_the_partition_has_budgets(region: str, made: int) -> None:
    graph = recorded({"region": region, "engine": "managed"})
    assert [r.type for r in graph].count("aws:budgets/budget:Budget") == made
    assert [r.type for r in graph].count("aws:budgets/budgetAction:BudgetAction") == made
    assert any("no budget and no alerts" in text for text in graph.warnings) == (not made)


def test_no_budget_is_looked_for_where_the_partition_has_no_budgets() -> None:
    plan = planned({"region": "us-gov-west-1", "engine": "managed"})
    without_client: Any = SimpleNamespace(plan=plan)
    for declared in (*budgets.RESOURCES, *budgets.ACTIONS):
        assert declared.find
        assert list(declared.find(without_client)) == []
