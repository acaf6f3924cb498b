"""What is left of a stack on AWS is removed, whatever holds it, and nothing of anyone else's."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from testkit.support.clock import ManualClock

from pilothouse.plan import Plan
from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.aws.operations.target import AwsOperations
from pilothouse.targets.aws.resources import TABLE
from pilothouse.targets.shared import inventory
from pilothouse.targets.shared.cleanup import LONGEST, STALLED
from tests.targets.aws import planting
from tests.targets.aws.conftest import HoldFirst
from tests.targets.aws.managed import Managed
from tests.targets.aws.plans import plan_of
from tests.targets.aws.teardown import clean_up, everything, leftovers, verdicts


def test_a_whole_stack_goes_and_its_look_alike_stays_whole(
    account: Account, account_of_other: Account
) -> None:
    everything(account)
    everything(account_of_other)
    before = leftovers(account_of_other)
    clean_up(account)
    assert verdicts(account) == ["pending KMS key"]
    assert leftovers(account_of_other) == before


def test_what_is_not_of_the_platform_is_never_touched(account: Account) -> None:
    ec2, s3 = account.client("ec2"), account.client("s3")
    alien = ec2.create_vpc(CidrBlock="10.42.0.0/16")["Vpc"]["VpcId"]
    planting.bare_subnet(account, alien)
    suffix = account.plan.suffix
    for name in ("someone-elses-data", f"{suffix}-data", f"another-aws-data-{suffix}"):
        s3.create_bucket(Bucket=name)
    account.client("iam").create_role(
        RoleName=f"another-{suffix}", AssumeRolePolicyDocument=planting.ALLOWED
    )
    planting.log_group(account, "/aws/sagemaker/TrainingJobs")
    planting.log_group(account, f"airflow-another-airflow-{suffix}-Task")
    time = ManualClock()
    clean_up(account, time)
    assert not time.pauses
    assert len(s3.list_buckets()["Buckets"]) == 3
    assert len(account.client("iam").list_roles()["Roles"]) == 1
    assert len(account.client("logs").describe_log_groups()["logGroups"]) == 2
    assert alien in [vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"]]


def test_every_version_and_marker_and_half_an_upload_in_a_bucket_goes(account: Account) -> None:
    name = planting.bucket(account, "data")
    planting.objects(account, name)
    for number in range(1001):
        account.client("s3").put_object(Bucket=name, Key=f"many/{number}", Body=b"")
    clean_up(account)
    assert verdicts(account) == []


def test_a_repository_goes_with_its_images(account: Account) -> None:
    planting.repository(account)
    clean_up(account)
    assert verdicts(account) == []


def test_what_services_left_in_the_stacks_vpc_goes_with_it(account: Account) -> None:
    vpc = planting.vpc(account)
    subnet = planting.bare_subnet(account, vpc)
    planting.interface(account, subnet)
    planting.security_group(account, vpc, "security-group-for-inbound-nfs-d-1")
    assert sorted(verdicts(account)) == [
        *("present VPC", "present network interface", "present security group", "present subnet"),
    ]
    clean_up(account)
    assert verdicts(account) == []


def test_security_groups_that_name_each_other_go(account: Account) -> None:
    """Those of a domain's file system do."""
    vpc, ec2 = planting.vpc(account), account.client("ec2")
    inbound = planting.security_group(account, vpc, "security-group-for-inbound-nfs-d-1")
    outbound = planting.security_group(account, vpc, "security-group-for-outbound-nfs-d-1")
    ec2.authorize_security_group_ingress(GroupId=inbound, IpPermissions=[rule(outbound)])
    ec2.authorize_security_group_egress(GroupId=outbound, IpPermissions=[rule(inbound)])
    clean_up(account)
    assert verdicts(account) == []


def rule(group: str) -> dict[str, object]:
    pair = [{"GroupId": group}]
    return {"IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049, "UserIdGroupPairs": pair}


def test_a_file_system_mounted_in_the_stacks_vpc_goes(account: Account) -> None:
    """A domain keeps its file system when it is deleted carelessly, and bears no mark of ours."""
    efs = account.client("efs")
    system = efs.create_file_system(CreationToken="d-1")["FileSystemId"]
    subnet = planting.subnet(account, planting.vpc(account))
    efs.create_mount_target(FileSystemId=system, SubnetId=subnet)
    assert "present file system" in verdicts(account)
    clean_up(account)
    assert verdicts(account) == []


def test_a_file_system_mounted_elsewhere_stays(account: Account) -> None:
    efs, ec2 = account.client("efs"), account.client("ec2")
    system = efs.create_file_system(CreationToken="someone")["FileSystemId"]
    alien = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=alien, CidrBlock="10.1.0.0/24")["Subnet"]["SubnetId"]
    efs.create_mount_target(FileSystemId=system, SubnetId=subnet)
    planting.vpc(account)
    clean_up(account)
    assert len(efs.describe_file_systems()["FileSystems"]) == 1


def test_log_groups_that_services_made_from_the_stacks_names_go(account: Account) -> None:
    environment = account.plan.name("airflow")
    for what in ("DAGProcessing", "Scheduler", "Task", "WebServer", "Worker"):
        planting.log_group(account, f"airflow-{environment}-{what}")
    planting.log_group(account, f"/aws/sagemaker/Endpoints/{account.plan.name('model')}")
    assert verdicts(account) == 6 * ["present log group"]
    clean_up(account)
    assert verdicts(account) == []


def test_a_log_group_that_is_made_again_meanwhile_goes_again(
    account: Account, hold_first: HoldFirst
) -> None:
    name = f"airflow-{account.plan.name('airflow')}-Task"
    planting.log_group(account, name)
    planting.internet_gateway(account, planting.vpc(account))
    again = [name, name]

    def make() -> None:
        if again:
            planting.log_group(account, again.pop())

    hold_first("DetachInternetGateway", times=2)
    clean_up(account, ManualClock(meanwhile=make))
    assert verdicts(account) == []


def test_streams_of_the_stacks_jobs_go_from_groups_of_the_whole_account(account: Account) -> None:
    logs = account.client("logs")
    group = planting.log_group(account, "/aws/sagemaker/ProcessingJobs")
    for job in (f"{account.plan.name('job')}-20261125", "someone-elses-job"):
        logs.create_log_stream(logGroupName=group, logStreamName=f"{job}/algo-1-1")
    clean_up(account)
    streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert [stream["logStreamName"] for stream in streams] == ["someone-elses-job/algo-1-1"]


def test_a_domain_goes_after_its_apps_spaces_and_profiles(
    account: Account, managed: Managed
) -> None:
    """And its file system and the two groups of that, which hold the VPC, go after it."""
    planting.domain(account)
    found = verdicts(account)
    for kind in ("app", "domain", "space", "user profile", "file system"):
        assert f"present {kind}" in found
    assert found.count("present security group") == 2
    clean_up(account)
    assert verdicts(account) == []
    order = [op for name, op in managed.called if name == "sagemaker" and op.startswith("Delete")]
    assert order == ["DeleteApp", "DeleteSpace", "DeleteUserProfile", "DeleteDomain"]


def test_the_file_system_of_a_domain_that_was_deleted_without_it_goes(account: Account) -> None:
    domain, efs = planting.domain(account), account.client("efs")
    (system,) = efs.describe_file_systems()["FileSystems"]
    subnets = account.client("ec2").describe_subnets(
        Filters=[{"Name": "tag:Name", "Values": [account.plan.name("private-a")]}]
    )["Subnets"]
    efs.create_mount_target(FileSystemId=system["FileSystemId"], SubnetId=subnets[0]["SubnetId"])
    del planting.sagemaker_of(account).domains[domain]
    clean_up(account)
    assert verdicts(account) == []
    assert efs.describe_file_systems()["FileSystems"] == []


def test_a_tracking_server_without_a_domain_goes(account: Account, managed: Managed) -> None:
    assert account.client("sagemaker").list_domains()["Domains"] == []
    planting.tracking_server(account)
    assert verdicts(account) == ["present MLflow tracking server"]
    clean_up(account)
    assert verdicts(account) == []
    assert ("sagemaker", "DeleteMlflowTrackingServer") in managed.called


def test_what_is_deleted_and_still_listed_is_gone(account: Account) -> None:
    """An app of a domain stays listed for a day."""
    planting.domain(account)
    planting.mlflow_app(account)
    for kind in ("App", "MlflowApp"):
        for record in planting.records_of(account, kind):
            record["Status"] = "Deleted"
    assert not {"present app", "present MLflow app"} & set(verdicts(account))


def test_an_environment_goes_before_its_network_and_its_logs(
    account: Account, managed: Managed
) -> None:
    planting.environment(account)
    assert verdicts(account).count("present network interface") == 2
    clean_up(account)
    assert verdicts(account) == []
    order = [op for _, op in managed.called if op.startswith("Delete") and "Object" not in op]
    first = [order.index(f"Delete{name}") for name in ("Environment", "Vpc", "LogGroup")]
    assert first == sorted(first)


def test_the_versions_of_models_go_before_their_group(account: Account) -> None:
    planting.package(account, planting.package_group(account))
    assert sorted(verdicts(account)) == [
        *("present model package group", "present model version"),
    ]
    clean_up(account)
    assert verdicts(account) == []


def test_executions_of_a_pipeline_are_stopped(account: Account, managed: Managed) -> None:
    planting.execution(account, planting.pipeline(account))
    assert "present pipeline execution" in verdicts(account)
    clean_up(account)
    assert ("sagemaker", "StopPipelineExecution") in managed.called
    assert verdicts(account) == []


def test_running_jobs_of_the_stack_are_stopped_and_no_others(
    account: Account, account_of_other: Account, managed: Managed
) -> None:
    """A pipeline names its jobs by itself: the role tells whose they are."""
    planting.training_job(account, "pipelines-1-train", status="InProgress")
    planting.training_job(account, "pipelines-1-done", status="Completed")
    planting.training_job(account_of_other, "pipelines-2-train", status="InProgress")
    clean_up(account)
    assert managed.called.count(("sagemaker", "StopTrainingJob")) == 1
    assert verdicts(account) == []
    assert verdicts(account_of_other) == ["present training job"]


def test_a_key_waits_for_its_deletion_and_says_until_when(account: Account) -> None:
    planting.alias(account)
    clean_up(account)
    (key,) = leftovers(account)
    described = account.client("kms").describe_key(KeyId=key.name)["KeyMetadata"]
    assert (key.kind, key.verdict) == ("KMS key", "pending")
    assert f"{described['DeletionDate']:%Y-%m-%d}" in key.detail


def test_a_named_key_stays_whatever_its_tags_and_aliases_say(account: Account) -> None:
    kms = account.client("kms")
    alias = planting.alias(account)
    (listed,) = [item for item in kms.list_aliases()["Aliases"] if item["AliasName"] == alias]
    named = kms.describe_key(KeyId=listed["TargetKeyId"])["KeyMetadata"]["Arn"]
    central = Account(plan_of("aws", storage={"keyArn": named}))
    assert leftovers(central) == []
    clean_up(central)
    assert kms.describe_key(KeyId=named)["KeyMetadata"]["KeyState"] == "Enabled"
    assert alias in [item["AliasName"] for item in kms.list_aliases()["Aliases"]]


def test_a_role_goes_with_its_policies_and_all_their_versions(account: Account) -> None:
    planting.role(account)
    clean_up(account)
    assert account.client("iam").list_policies(Scope="Local")["Policies"] == []
    assert account.client("iam").list_roles()["Roles"] == []


def test_where_data_are_kept_the_rest_goes(account: Account) -> None:
    everything(account)
    planting.package_group(account)
    clean_up(account, keep_data=True)
    found = leftovers(account, keep_data=True)
    assert {leftover.verdict for leftover in found} == {"kept"}
    names = [leftover.name.partition(" (")[0] for leftover in found]
    kept = [account.plan.name(role) for role in ("artifacts", "data", "model")]
    assert sorted(names) == sorted([*kept, *2 * [f"alias/{account.plan.name('key')}"]])
    versions = account.client("s3").list_object_versions(Bucket=account.plan.name("data"))
    assert len(versions["Versions"]) == 3


# How it is gone about where something holds what is to go.


def test_what_is_held_for_a_while_is_tried_again_at_longer_intervals(
    account: Account, hold_first: HoldFirst
) -> None:
    planting.vpc(account)
    refused, time = hold_first("DeleteVpc", times=7), ManualClock()
    clean_up(account, time)
    assert verdicts(account) == []
    assert len(refused) == 7
    assert time.pauses == [1, 2, 4, 8, 16, LONGEST, LONGEST]


def test_what_never_goes_is_given_up_and_found_by_the_proof(
    account: Account, hold_first: HoldFirst
) -> None:
    planting.vpc(account)
    hold_first("DeleteVpc", times=10**6)
    time = ManualClock()
    clean_up(account, time)
    assert STALLED < time.seconds <= STALLED + LONGEST
    assert verdicts(account) == ["present VPC"]


def test_what_may_not_be_deleted_is_given_up_at_once(
    account: Account, hold_first: HoldFirst
) -> None:
    planting.vpc(account)
    refused = hold_first("DeleteVpc", times=10**6, code="UnauthorizedOperation")
    time = ManualClock()
    clean_up(account, time)
    assert len(refused) == 1
    assert not time.pauses
    assert verdicts(account) == ["present VPC"]


def test_a_kind_that_cannot_be_listed_does_not_keep_the_others(
    account: Account, hold_first: HoldFirst
) -> None:
    planting.vpc(account)
    planting.elastic_ip(account)
    hold_first("DescribeNatGateways", times=10**6, code="UnauthorizedOperation")
    clean_up(account)
    assert [(leftover.kind, leftover.verdict) for leftover in leftovers(account)] == [
        ("NAT gateway", "unknown")
    ]


def test_of_mwaa_s_bucket_what_the_team_put_there_is_named(account: Account, plan: Plan) -> None:
    uri = planting.dag_file(account)
    found = [item for item in leftovers(account, keep_data=True) if item.kind == "DAG file"]
    assert [(item.name, item.verdict) for item in found] == [(uri, "present")]
    assert "DAG file" in AwsOperations(plan).named_kinds
    clean_up(account)
    assert verdicts(account) == []


def test_a_bucket_that_is_gone_while_it_is_still_listed_has_no_dag_files(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = {"Buckets": [{"Name": account.plan.name("dags")}]}
    pages = SimpleNamespace(paginate=lambda **_: [listed])
    s3 = account.client("s3")
    get_paginator = s3.get_paginator
    monkeypatch.setattr(
        s3,
        "get_paginator",
        lambda name: pages if name == "list_buckets" else get_paginator(name),
    )
    assert inventory.find(account, TABLE.named("DAG file")) == []
