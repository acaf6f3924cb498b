"""What is added to moto, through boto3 and a server in this process."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from testkit.fake_aws import pipelines
from testkit.fake_aws.mwaa import airflow
from testkit.fake_providers.aws import account, server

REGION = "eu-west-1"
ROLE = f"arn:aws:iam::{account.NUMBER}:role/someone"
Clients = Callable[[str], Any]


def at(url: str) -> Clients:
    """boto3 clients of a server."""

    def made(service: str) -> Any:
        client: Any = boto3.client
        return client(
            service, region_name=REGION, endpoint_url=url, aws_access_key_id="testing",
            aws_secret_access_key="testing",
            config=Config(inject_host_prefix=False, retries={"total_max_attempts": 1}),
        )  # fmt: skip

    return made


@pytest.fixture
def aws() -> Iterator[Clients]:
    with server.serving() as url:
        yield at(url)


def code(call: Callable[..., Any], **request: Any) -> str:
    """The code of the error that a call ends in."""
    with pytest.raises(ClientError) as refused:
        call(**request)
    return str(refused.value.response["Error"]["Code"])


def network(aws: Clients) -> dict[str, Any]:
    """Two subnets and a group, as an environment takes them."""
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=REGION + zone
        )["Subnet"]["SubnetId"]
        for n, zone in enumerate("ab")
    ]  # fmt: skip
    group = ec2.create_security_group(GroupName="a", Description="a", VpcId=vpc)["GroupId"]
    return {"SubnetIds": subnets, "SecurityGroupIds": [group]}


def environment(aws: Clients, **given: Any) -> str:
    """Make an environment with all that it needs; its ARN."""
    s3 = aws("s3")
    s3.create_bucket(Bucket="dags", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket="dags", VersioningConfiguration={"Status": "Enabled"})
    request = {
        "Name": "airflow", "ExecutionRoleArn": ROLE, "SourceBucketArn": "arn:aws:s3:::dags",
        "DagS3Path": "dags", "NetworkConfiguration": network(aws), "Tags": {"a": "b"},
        "LoggingConfiguration": {"TaskLogs": {"Enabled": True, "LogLevel": "INFO"}},
    }  # fmt: skip
    return str(aws("mwaa").create_environment(**request | given)["Arn"])


def test_an_environment_is_made_tagged_changed_and_removed(aws: Clients) -> None:
    arn, mwaa = environment(aws), aws("mwaa")
    seen = [mwaa.get_environment(Name="airflow")["Environment"]["Status"] for _ in range(2)]
    assert seen == ["CREATING", "AVAILABLE"]
    mwaa.tag_resource(ResourceArn=arn, Tags={"c": "d"})
    mwaa.untag_resource(ResourceArn=arn, tagKeys=["a"])
    assert mwaa.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"c": "d"}
    mwaa.update_environment(Name="airflow", MaxWorkers=3)
    assert mwaa.get_environment(Name="airflow")["Environment"]["Status"] == "UPDATING"
    assert mwaa.get_environment(Name="airflow")["Environment"]["MaxWorkers"] == 3
    assert mwaa.list_environments()["Environments"] == ["airflow"]
    mwaa.delete_environment(Name="airflow")
    assert mwaa.get_environment(Name="airflow")["Environment"]["Status"] == "DELETING"
    assert code(mwaa.get_environment, Name="airflow") == "ResourceNotFoundException"


def test_an_environment_makes_log_groups_and_interfaces_as_the_real_one(aws: Clients) -> None:
    environment(aws)
    groups = aws("logs").describe_log_groups()["logGroups"]
    assert [group["logGroupName"] for group in groups] == ["airflow-airflow-Task"]
    interfaces = aws("ec2").describe_network_interfaces()["NetworkInterfaces"]
    assert len(interfaces) == 2
    delete = aws("ec2").delete_subnet
    assert code(delete, SubnetId=interfaces[0]["SubnetId"]) == "DependencyViolation"
    aws("mwaa").delete_environment(Name="airflow")
    assert aws("mwaa").list_environments()["Environments"] == []
    delete(SubnetId=interfaces[0]["SubnetId"])


def test_an_environment_needs_two_zones_and_a_versioned_bucket(aws: Clients) -> None:
    environment(aws)
    create = aws("mwaa").create_environment
    s3 = aws("s3")
    given = {"ExecutionRoleArn": ROLE, "DagS3Path": "dags", "Name": "b"}
    found = network(aws)
    one = found | {"SubnetIds": [found["SubnetIds"][0]] * 2}
    assert code(create, **given, SourceBucketArn="arn:aws:s3:::dags", NetworkConfiguration=one) == (
        "ValidationException"
    )
    s3.create_bucket(Bucket="plain", CreateBucketConfiguration={"LocationConstraint": REGION})
    assert code(
        create, **given, SourceBucketArn="arn:aws:s3:::plain", NetworkConfiguration=found
    ) == "ValidationException"  # fmt: skip


def ended(ask: Callable[[], str], among: set[str]) -> str:
    """A state once it is one of those that last."""
    end = time.monotonic() + 5
    while (state := ask()) not in among and time.monotonic() < end:
        time.sleep(0.01)
    return state


@pytest.mark.parametrize(("fails", "state"), [(False, "success"), (True, "failed")])
def test_a_dag_run_is_carried_out_by_the_test(aws: Clients, fails: bool, state: str) -> None:
    environment(aws)
    seen: list[Any] = []

    def train(conf: Any) -> None:
        seen.append(conf["token"])
        if fails:
            raise RuntimeError("no data")

    def ask(method: str, path: str, **body: Any) -> Any:
        request = {"Name": "airflow", "Method": method, "Path": path}
        body_of = {"Body": body} if body else {}
        return aws("mwaa").invoke_rest_api(**request, **body_of)["RestApiResponse"]

    tasks = {"train": train, "register": lambda _conf: seen.append("registered")}
    with airflow.connected("airflow", airflow.Airflow({"workload": tasks})):
        run = ask("POST", "/dags/workload/dagRuns", dag_run_id="r", conf={"token": "t"})
        assert run["state"] == "queued"
        ask("PATCH", "/dags/workload", is_paused=False)
        path = "/dags/workload/dagRuns/r"
        assert ended(lambda: str(ask("GET", path)["state"]), {"success", "failed"}) == state
        states = [t["state"] for t in ask("GET", f"{path}/taskInstances")["task_instances"]]
        assert states == (["failed", "upstream_failed"] if fails else ["success", "success"])
        assert seen == (["t"] if fails else ["t", "registered"])
        with pytest.raises(ClientError) as refused:
            ask("GET", "/dags/unknown")
    assert refused.value.response["Error"]["Code"] == "RestApiClientException"
    assert refused.value.response["RestApiStatusCode"] == 404  # type: ignore[typeddict-item]


MLFLOW = [
    ("mlflow_app", "Name", "Arn", "Arn", "Status", "Summaries"),
    (
        "mlflow_tracking_server", "TrackingServerName", "TrackingServerName", "TrackingServerArn",
        "TrackingServerStatus", "TrackingServerSummaries",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "name", "key", "arn", "status", "listed"), MLFLOW)
def test_mlflow_is_made_tagged_listed_and_removed(
    aws: Clients, kind: str, name: str, key: str, arn: str, status: str, listed: str
) -> None:
    sagemaker = aws("sagemaker")
    given = {name: "mlflow", "ArtifactStoreUri": "s3://a/b", "RoleArn": ROLE}
    made = getattr(sagemaker, f"create_{kind}")(**given, Tags=[{"Key": "a", "Value": "b"}])[arn]
    describe = getattr(sagemaker, f"describe_{kind}")
    of = {key: made if key == "Arn" else "mlflow"}
    assert [describe(**of)[status] for _ in range(2)] == ["Creating", "Created"]
    sagemaker.add_tags(ResourceArn=made, Tags=[{"Key": "a", "Value": "c"}])
    assert sagemaker.list_tags(ResourceArn=made)["Tags"] == [{"Key": "a", "Value": "c"}]
    sagemaker.delete_tags(ResourceArn=made, TagKeys=["a"])
    assert sagemaker.list_tags(ResourceArn=made)["Tags"] == []
    getattr(sagemaker, f"update_{kind}")(**of, ArtifactStoreUri="s3://a/c")
    assert describe(**of)["ArtifactStoreUri"] == "s3://a/c"
    assert len(getattr(sagemaker, f"list_{kind}s")()[listed]) == 1
    getattr(sagemaker, f"delete_{kind}")(**of)
    assert getattr(sagemaker, f"list_{kind}s")()[listed] == []
    assert code(describe, **of) == "ResourceNotFound"


@pytest.mark.parametrize(("policy", "left"), [({"HomeEfsFileSystem": "Delete"}, 0), (None, 1)])
def test_a_domain_goes_after_its_people_and_keeps_its_files_unless_told(
    aws: Clients, policy: Any, left: int
) -> None:
    sagemaker, found = aws("sagemaker"), network(aws)
    vpc = aws("ec2").describe_subnets(SubnetIds=found["SubnetIds"])["Subnets"][0]["VpcId"]
    sagemaker.create_domain(
        DomainName="people", AuthMode="IAM", DefaultUserSettings={"ExecutionRole": ROLE},
        SubnetIds=found["SubnetIds"], VpcId=vpc,
    )  # fmt: skip
    domain = sagemaker.list_domains()["Domains"][0]["DomainId"]
    person = {"DomainId": domain, "UserProfileName": "ann"}
    sagemaker.create_user_profile(**person)
    app = {**person, "AppType": "JupyterLab", "AppName": "default"}
    sagemaker.create_app(**app)
    assert code(sagemaker.delete_user_profile, **person) == "ResourceInUse"
    sagemaker.delete_app(**app)
    assert sagemaker.list_apps(DomainIdEquals=domain)["Apps"] == []
    assert code(sagemaker.delete_domain, DomainId=domain) == "ResourceInUse"
    sagemaker.delete_user_profile(**person)
    sagemaker.delete_domain(DomainId=domain, **({"RetentionPolicy": policy} if policy else {}))
    assert code(sagemaker.describe_domain, DomainId=domain) == "ResourceNotFound"
    assert len(aws("efs").describe_file_systems()["FileSystems"]) == left
    groups = aws("ec2").describe_security_groups()["SecurityGroups"]
    assert len([g for g in groups if "nfs" in g["GroupName"]]) == 2 * left


def test_a_group_of_models_goes_when_it_is_empty(aws: Clients) -> None:
    sagemaker = aws("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="model")
    sagemaker.create_model_package(
        ModelPackageGroupName="model",
        ModelPackageDescription="first",
    )
    delete = sagemaker.delete_model_package_group
    assert code(delete, ModelPackageGroupName="model") == "ConflictException"
    account.backend("sagemaker", REGION).model_packages.clear()
    delete(ModelPackageGroupName="model")
    assert code(delete, ModelPackageGroupName="model") == "ValidationException"


@pytest.mark.parametrize(("fails", "state"), [(False, "Succeeded"), (True, "Failed")])
def test_a_pipelines_steps_are_carried_out_by_the_test(
    aws: Clients, fails: bool, state: str
) -> None:
    sagemaker, seen = aws("sagemaker"), []
    steps = [{"Name": "prepare", "Type": "Processing"}, {"Name": "train", "Type": "Training"}]
    parameters = [{"Name": "Token", "Type": "String", "DefaultValue": "none"}]
    definition = json.dumps({"Parameters": parameters, "Steps": steps})
    sagemaker.create_pipeline(
        PipelineName="pipeline", PipelineDefinition=definition, RoleArn=ROLE,
        ClientRequestToken="t" * 32,
    )  # fmt: skip

    def carry_out(step: Any, given: Any) -> None:
        seen.append((step["Name"], given["Token"]))
        if fails:
            raise RuntimeError("no data")

    with pipelines.executed_by(carry_out):
        arn = sagemaker.start_pipeline_execution(
            PipelineName="pipeline", PipelineParameters=[{"Name": "Token", "Value": "t"}]
        )["PipelineExecutionArn"]
        of = {"PipelineExecutionArn": arn}
        found = ended(
            lambda: str(sagemaker.describe_pipeline_execution(**of)["PipelineExecutionStatus"]),
            {"Succeeded", "Failed"},
        )
    assert found == state
    listed = sagemaker.list_pipeline_execution_steps(**of)["PipelineExecutionSteps"]
    assert listed[0]["StepStatus"] == state
    assert seen == ([("prepare", "t")] if fails else [("prepare", "t"), ("train", "t")])


def test_a_budget_changes_and_has_tags_and_somebody_to_tell(aws: Clients) -> None:
    budgets, of = aws("budgets"), {"AccountId": account.NUMBER, "BudgetName": "b"}
    budget = {"BudgetName": "b", "BudgetType": "COST", "TimeUnit": "MONTHLY"}
    one, two = ({"BudgetLimit": {"Amount": amount, "Unit": "USD"}} for amount in "12")
    told = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80.0}
    person = {"SubscriptionType": "EMAIL", "Address": "a@example.org"}
    budgets.create_budget(
        AccountId=account.NUMBER, Budget=budget | one,
        ResourceTags=[{"Key": "a", "Value": "b"}],
        NotificationsWithSubscribers=[{"Notification": told, "Subscribers": [person]}],
    )  # fmt: skip
    budgets.update_budget(
        AccountId=account.NUMBER,
        NewBudget=budget | two,
    )
    assert budgets.describe_budget(**of)["Budget"]["BudgetLimit"]["Amount"] == "2"
    found = budgets.describe_subscribers_for_notification(**of, Notification=told)
    assert found["Subscribers"] == [person]
    arn = f"arn:aws:budgets::{account.NUMBER}:budget/b"
    budgets.tag_resource(ResourceARN=arn, ResourceTags=[{"Key": "c", "Value": "d"}])
    budgets.untag_resource(ResourceARN=arn, ResourceTagKeys=["a"])
    tags = budgets.list_tags_for_resource(ResourceARN=arn)["ResourceTags"]
    assert tags == [{"Key": "c", "Value": "d"}]
    budgets.delete_budget(**of)
    assert code(budgets.list_tags_for_resource, ResourceARN=arn) == "NotFoundException"


@pytest.mark.parametrize(
    ("condition", "is_refused"),
    [
        ({"Bool": {"aws:SecureTransport": "false"}}, False),
        ({"Bool": {"aws:SecureTransport": "true"}}, True),
        ({"StringNotEquals": {"aws:PrincipalAccount": account.NUMBER}}, False),
        ({"StringNotEquals": {"aws:PrincipalAccount": "210987654321"}}, True),
        ({"BoolIfExists": {"aws:Unknown": "true"}}, True),
    ],
)
def test_a_denial_counts_where_its_condition_is_met(
    aws: Clients, condition: Any, is_refused: bool
) -> None:
    s3 = aws("s3")
    s3.create_bucket(Bucket="data", CreateBucketConfiguration={"LocationConstraint": REGION})
    statement = {
        "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::data/*",
        "Condition": condition,
    }  # fmt: skip
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    s3.put_bucket_policy(Bucket="data", Policy=policy)
    if is_refused:
        assert code(s3.put_object, Bucket="data", Key="a", Body=b"") == "403"
    else:
        s3.put_object(Bucket="data", Key="a", Body=b"")


def test_what_moto_has_not_is_told(aws: Clients) -> None:
    assert code(aws("service-quotas").list_services) == "501"


def test_an_account_is_empty_at_first_and_after_a_reset() -> None:
    with server.serving() as url:
        aws = at(url)
        assert account.contents(REGION) == []
        environment(aws)
        kinds = {line.split()[0] for line in account.contents(REGION)}
        assert {"vpc", "subnet", "bucket", "mwaa", "interface", "log", "security"} <= kinds
        httpx.post(f"{url}{server.RESET}").raise_for_status()
        assert account.contents(REGION) == []


def test_a_server_of_its_own_answers_and_is_emptied() -> None:
    program = [sys.executable, "-m", "testkit.fake_providers.aws.server"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().strip()
        s3 = at(url)("s3")
        s3.create_bucket(Bucket="data", CreateBucketConfiguration={"LocationConstraint": REGION})
        assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["data"]
        httpx.post(f"{url}{server.RESET}").raise_for_status()
        assert s3.list_buckets()["Buckets"] == []
        process.terminate()
