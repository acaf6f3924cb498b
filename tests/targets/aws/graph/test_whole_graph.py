"""The graph of a platform on AWS: what is made, in which order, and how it is marked."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pilothouse.targets.aws import naming
from pilothouse.targets.aws.components.mwaa_files import files
from tests.targets.aws.graph.stacks import (
    OPTIONS,
    SMALLEST,
    SUBNETS,
    VPC,
    every_option,
    inputs,
    made,
    planned,
    recorded,
    stack,
)
from tests.targets.suite import platforms
from tests.targets.suite.recorder import Recorded, Recording

PARTS = (
    "BucketOwnershipControls",
    "BucketPolicy",
    "BucketPublicAccessBlock",
    "BucketServerSideEncryptionConfiguration",
    "BucketVersioning",
)
LOGS = ("dag-processing", "scheduler", "task", "webserver", "worker")

AIRFLOW_NEEDS = {
    *("NatGateway nat", "Route private", "Route public", "Eip nat", "InternetGateway internet"),
    *("RouteTableAssociation private-a", "RouteTableAssociation private-b"),
    *("Subnet private-a", "Subnet private-b", "SecurityGroup members", "VpcEndpoint s3", "Vpc vpc"),
    *("Role airflow-role", "RolePolicy airflow", "Role job-role", "RolePolicy job", "Key key"),
    *("RolePolicy job-mlflow", "MlflowApp mlflow", "Repository workload"),
    *(f"LogGroup {kind}" for kind in LOGS),
    *(f"{part} {bucket}" for part in PARTS for bucket in ("data", "artifacts", "dags")),
    *(f"BucketObjectv2 {name}" for name in ("dag", "jobs", "constraints", "requirements")),
}
"""What MWAA does not get started without, and what it uses while it goes."""


def test_airflow_starts_after_and_goes_before_all_that_it_uses() -> None:
    graph = stack()
    assert AIRFLOW_NEEDS - graph.needs(graph.one("Environment airflow")) == set()


def test_airflow_needs_no_less_behind_endpoints() -> None:
    graph = stack("endpoints")
    needed = graph.needs(graph.one("Environment airflow"))
    endpoints = {resource.label for resource in graph.kind("VpcEndpoint")}
    assert len(endpoints) == 12
    assert endpoints - needed == set()


def test_the_pipeline_and_the_domain_are_in_the_network_too() -> None:
    pipeline = stack("pipelines").needs(stack("pipelines").one("Pipeline pipeline"))
    domain = stack("domain").needs(stack("domain").one("Domain domain"))
    ways = {"NatGateway nat", "Route private", "VpcEndpoint s3", "SecurityGroup members"}
    assert ways - pipeline == ways - domain == set()
    assert {"RolePolicy pipeline", "RolePolicy job", "MlflowApp mlflow"} <= pipeline
    assert "RolePolicy job" in domain


@every_option
def test_mlflow_starts_with_its_rights_and_its_bucket(option: str) -> None:
    graph = stack(option)
    (server,) = [*graph.kind("MlflowApp"), *graph.kind("MlflowTrackingServer")]
    wanted = {"RolePolicy mlflow", *(f"{part} artifacts" for part in PARTS)}
    assert wanted - graph.needs(server) == set()


@every_option
def test_what_is_encrypted_with_the_key_goes_before_it(option: str) -> None:
    graph = stack(option)
    key = graph.kind("Key")
    users = [
        resource for resource in made(graph) if ":key/id-of-key" in json.dumps(resource.inputs)
    ]
    assert bool(users) == bool(key)
    assert [u.label for u in users if "Key key" not in graph.needs(u)] == []


def test_the_internet_goes_last_of_the_ways_out() -> None:
    graph = stack()
    nat = graph.needs(graph.one("NatGateway nat"))
    assert {"InternetGateway internet", "Eip nat", "Route public"} <= nat
    assert "RouteTableAssociation public-a" in nat
    assert "InternetGateway internet" in graph.needs(graph.one("Eip nat"))


def test_no_policy_is_put_while_public_access_is_being_blocked() -> None:
    for policy in stack().kind("BucketPolicy"):
        assert f"BucketPublicAccessBlock {policy.name}" in stack().needs(policy)


UNTAGGED = {
    *("Alias", "BucketLifecycleConfiguration", *PARTS, "LifecyclePolicy", "RolePolicy"),
    *("Route", "RouteTableAssociation", "Schedule"),
}
"""The kinds that can't bear tags."""


def kind_of(resource: Recorded) -> str:
    return resource.type.rpartition(":")[2]


@every_option
def test_everything_that_can_bear_tags_bears_the_platforms(option: str) -> None:
    graph, plan = stack(option), planned(OPTIONS[option])
    tagged = [resource for resource in made(graph) if kind_of(resource) not in UNTAGGED]
    assert len(tagged) > 10
    for item in tagged:
        assert dict(plan.tags).items() <= item.inputs["tags"].items(), item.label
    assert [
        resource.label
        for resource in made(graph)
        if resource not in tagged and "tags" in resource.inputs
    ] == []
    (provider,) = (resource for resource in graph if resource.type == "pulumi:providers:aws")
    assert json.loads(provider.inputs["defaultTags"]) == {"tags": dict(plan.tags)}


def test_the_teams_tags_are_on_everything_but_objects() -> None:
    graph = stack("domain")
    marked = [resource for resource in made(graph) if "tags" in resource.inputs]
    without = {kind_of(item) for item in marked if item.inputs["tags"].get("team") != "churn"}
    assert without == {"BucketObjectv2"}
    assert all(len(resource.inputs["tags"]) <= 10 for resource in graph.kind("BucketObjectv2"))


@every_option
def test_everything_is_made_by_the_stacks_own_provider(option: str) -> None:
    graph = stack(option)
    (provider,) = (resource for resource in graph if resource.type == "pulumi:providers:aws")
    assert provider.inputs["region"] == "eu-west-1"
    for resource in made(graph):
        assert resource.provider.rpartition("::")[0] == provider.urn, resource.label


@every_option
def test_a_preview_knows_every_input_of_the_provider(option: str) -> None:
    """Else the engine could not ask it anything before the first update."""
    graph = recorded(OPTIONS[option], preview=True)
    (provider,) = (resource for resource in graph if resource.type == "pulumi:providers:aws")
    assert "UNKNOWN" not in repr(provider.inputs)


def test_buckets_and_images_go_with_what_is_in_them() -> None:
    graph = stack()
    assert [resource.inputs["forceDestroy"] for resource in graph.kind("Bucket")] == [True] * 3
    assert inputs(graph, "Repository workload")["forceDelete"] is True


def test_the_file_system_of_a_domain_goes_with_it() -> None:
    domain = inputs(stack("domain"), "Domain domain")
    assert domain["retentionPolicy"] == {"homeEfsFileSystem": "Delete"}
    assert domain["appNetworkAccessType"] == "VpcOnly"


def test_airflow_is_private_and_logs_all_there_is() -> None:
    airflow = inputs(stack(), "Environment airflow")
    assert airflow["webserverAccessMode"] == "PRIVATE_ONLY"
    kinds = ("dagProcessing", "scheduler", "task", "webserver", "worker")
    enabled = {f"{kind}Logs": {"enabled": True, "logLevel": "INFO"} for kind in kinds}
    assert airflow["loggingConfiguration"] == enabled
    assert airflow["kmsKey"] == "arn:aws:kms:eu-west-1:123456789012:key/id-of-key"
    assert airflow["networkConfiguration"]["subnetIds"] == ["private-a", "private-b"]


def test_airflow_reads_its_files_from_a_versioned_bucket() -> None:
    graph = stack()
    airflow = inputs(graph, "Environment airflow")
    status = inputs(graph, "BucketVersioning dags")["versioningConfiguration"]["status"]
    keys = {
        resource.inputs["key"]: resource.inputs["content"]
        for resource in graph.kind("BucketObjectv2")
    }
    assert status == "Enabled"
    assert airflow["requirementsS3ObjectVersion"] == "version-of-requirements"
    assert "--constraint" in keys[airflow["requirementsS3Path"]]
    assert f"{airflow['dagS3Path']}/pilothouse_workload.py" in keys
    assert all(
        resource.inputs["bucket"] == planned().name("dags")
        for resource in graph.kind("BucketObjectv2")
    )


def test_every_file_of_airflows_is_delivered() -> None:
    graph = stack()
    keys = {resource.inputs["key"] for resource in graph.kind("BucketObjectv2")}
    jobs = json.loads(inputs(graph, "BucketObjectv2 jobs")["content"])
    config = jobs[0]["config"]
    assert [job["step"] for job in jobs] == ["prepare", "train", "register", "predict"]
    assert config["RoleArn"].endswith(f"role/{naming.service_role(planned(), 'job')}")
    assert config["NetworkConfig"]["VpcConfig"]["Subnets"] == ["private-a", "private-b"]
    assert config["ProcessingJobName"].startswith(naming.job_prefix(planned()))
    from pilothouse.targets.aws.components.sagemaker_jobs import Workload

    workload = Workload(
        image="", role_arn="", instance_type="", environment={"DATA_URI": ""}, subnets=[],
        security_groups=[],
    )  # fmt: skip
    assert keys == set(files(airflow_version="3.0.6", job_prefix="a", workload=workload))


def test_a_step_knows_what_the_contract_promises() -> None:
    graph = stack("pipelines")
    steps = json.loads(inputs(graph, "Pipeline pipeline")["pipelineDefinition"])["Steps"]
    promised: dict[str, Any] = {}
    for capability in ("storage", "compute", "tracking"):
        promised |= graph.outputs["contract"][capability]["environment"]
    for step in steps:
        given = dict(step["Arguments"]["Environment"])
        given.pop("RUN_TOKEN")
        assert given == promised


@pytest.mark.parametrize("option", ["default", "endpoints"])
def test_no_private_subnet_has_a_way_in_from_the_internet(option: str) -> None:
    graph = stack(option)
    for subnet in graph.kind("Subnet"):
        assert subnet.inputs["mapPublicIpOnLaunch"] is False
    attached = {
        resource.name: resource.inputs["routeTableId"]
        for resource in graph.kind("RouteTableAssociation")
    }
    assert {attached["private-a"], attached["private-b"]} == {"private"}
    routes = [
        resource.inputs
        for resource in graph.kind("Route")
        if resource.inputs["routeTableId"] == "private"
    ]
    assert [route for route in routes if "gatewayId" in route] == []
    assert len(routes) == (1 if option == "default" else 0)


def test_behind_endpoints_there_is_no_internet() -> None:
    graph = stack("endpoints")
    counted = Counter(kind_of(resource) for resource in made(graph))
    absent = ("InternetGateway", "NatGateway", "Eip", "Route")
    assert [counted[kind] for kind in absent] == [0] * len(absent)
    assert counted["Subnet"] == 2
    rules = inputs(graph, "SecurityGroup members")["egress"]
    assert [rule.get("cidrBlocks") for rule in rules] == [None, None]
    assert rules[1]["prefixListIds"] == ["pl-0123456789abcdef0"]


def test_the_subnets_are_in_two_zones_and_do_not_overlap() -> None:
    subnets = stack().kind("Subnet")
    zones = Counter(subnet.inputs["availabilityZone"] for subnet in subnets)
    assert zones == {"eu-west-1a": 2, "eu-west-1b": 2}
    assert len({subnet.inputs["cidrBlock"] for subnet in subnets}) == 4


def test_in_a_vpc_that_is_there_no_network_is_made() -> None:
    graph = stack("existing")
    assert [resource.label for resource in made(graph) if resource.type.startswith("aws:ec2/")] == [
        "SecurityGroup members"
    ]
    assert inputs(graph, "SecurityGroup members")["vpcId"] == VPC
    network = inputs(graph, "Environment airflow")["networkConfiguration"]
    assert network == {"subnetIds": SUBNETS, "securityGroupIds": ["members"]}


def test_without_a_key_everything_is_encrypted_with_the_services_own() -> None:
    graph = stack("without-key")
    assert graph.kind("Key") == graph.kind("Alias") == []
    for resource in graph.kind("BucketServerSideEncryptionConfiguration"):
        (rule,) = resource.inputs["rules"]
        assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}
    assert "kmsKey" not in inputs(graph, "Environment airflow")


def test_a_tracking_server_has_the_platforms_size_unless_it_is_said() -> None:
    assert inputs(stack("server"), "MlflowTrackingServer mlflow")["trackingServerSize"] == "Medium"
    graph = recorded({"tracking": {"server": "tracking-server"}})
    assert inputs(graph, "MlflowTrackingServer mlflow")["trackingServerSize"] == "Small"


def test_what_changes_with_the_platform() -> None:
    more = (
        "size: large\nstorage: {versioning: false}\ncompute: {parallelism: 48, gpus: 2}\n"
        "orchestration: {logRetentionDays: 40}\n"
    )
    graph = recorded({}, more=more)
    airflow = inputs(graph, "Environment airflow")
    assert (airflow["environmentClass"], airflow["maxWorkers"]) == ("mw1.large", 3)
    versions = {
        resource.name: resource.inputs["versioningConfiguration"]["status"]
        for resource in graph.kind("BucketVersioning")
    }
    assert versions == {"data": "Suspended", "artifacts": "Suspended", "dags": "Enabled"}
    assert {resource.inputs["retentionInDays"] for resource in graph.kind("LogGroup")} == {60}
    assert graph.outputs["contract"]["compute"]["submit"]["instanceType"] == "ml.g5.12xlarge"


def test_old_versions_are_kept_as_long_as_the_platform_says() -> None:
    graph = recorded({}, more="storage: {retentionDays: 7}\n")
    for resource in graph.kind("BucketLifecycleConfiguration"):
        (days,) = [
            rule["noncurrentVersionExpiration"]["noncurrentDays"]
            for rule in resource.inputs["rules"]
            if "noncurrentVersionExpiration" in rule
        ]
        assert days == 7


def alarms(graph: Recording) -> list[tuple[str, float, tuple[str, ...]]]:
    return [
        (alert["notificationType"], alert["threshold"], tuple(alert["subscriberEmailAddresses"]))
        for alert in inputs(graph, "Budget budget").get("notifications", [])
    ]


def test_the_owner_is_told_when_the_budget_is_spent() -> None:
    graph = stack()
    budget = inputs(graph, "Budget budget")
    owner = ("ml-team@example.org",)
    assert (budget["limitAmount"], budget["limitUnit"]) == ("500.00", "USD")
    assert alarms(graph) == [
        ("ACTUAL", 50, owner),
        ("ACTUAL", 80, owner),
        ("ACTUAL", 100, owner),
        ("FORECASTED", 100, owner),
    ]
    assert "costFilters" not in budget
    assert graph.warnings == ()


def test_where_nobody_can_be_told_it_is_said(graph_of: Any) -> None:
    large = platforms.ROOT / "examples" / "large.yaml"
    graph = graph_of(large, "aws")
    assert alarms(graph) == []
    assert [text for text in graph.warnings if "the budget has no recipients of alerts" in text]


def test_a_budget_by_tags_counts_the_stack_and_tells_whom_it_names() -> None:
    graph = recorded({"budget": {"scope": "tags", "emails": ["a@example.org"]}})
    filters = inputs(graph, "Budget budget")["costFilters"]
    assert filters == [{"name": "TagKeyValue", "values": ["user:pilothouse-stack$local"]}]
    assert {who for _, _, who in alarms(graph)} == {("a@example.org",)}


@every_option
def test_two_runs_are_equal(option: str) -> None:
    assert recorded(OPTIONS[option]) == stack(option)


PROGRAM = """
import sys
from pathlib import Path
from tests.targets.suite import platforms
platforms.recorded(Path(sys.argv[1]), "aws")
unwanted = ["airflow", "boto3", "botocore", "httpx", "kubernetes", "mlflow", "pulumi_kubernetes"]
print(*[name for name in unwanted if name in sys.modules])
"""


def test_a_program_imports_no_sdk_that_it_does_not_use(tmp_path: Path) -> None:
    project = platforms.project_of(SMALLEST, tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(project)],
        cwd=platforms.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == []


def test_with_a_key_everything_at_rest_is_encrypted_with_it() -> None:
    graph, key = stack(), "arn:aws:kms:eu-west-1:123456789012:key/id-of-key"
    buckets = graph.kind("BucketServerSideEncryptionConfiguration")
    assert len(buckets) == 3
    for bucket in buckets:
        (rule,) = bucket.inputs["rules"]
        default = {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": key}
        assert rule["applyServerSideEncryptionByDefault"] == default
    (images,) = inputs(graph, "Repository workload")["encryptionConfigurations"]
    assert images == {"encryptionType": "KMS", "kmsKey": key}
    users = [*graph.kind("LogGroup"), *graph.kind("BucketObjectv2")]
    assert {item.inputs["kmsKeyId"] for item in users} == {key}


def test_the_logs_of_airflow_are_called_as_the_service_calls_them() -> None:
    """Else it makes groups of its own, which nobody would take away."""
    environment = inputs(stack(), "Environment airflow")["name"]
    ends = ("DAGProcessing", "Scheduler", "Task", "WebServer", "Worker")
    found = {inputs(stack(), f"LogGroup {kind}")["name"] for kind in LOGS}
    assert found == {f"airflow-{environment}-{end}" for end in ends}
