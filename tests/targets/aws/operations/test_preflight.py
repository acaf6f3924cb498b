"""What an up needs of an account is looked at before anything is made, and said with a remedy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from pilothouse.errors import InvalidInput, Refused
from pilothouse.plan import Plan
from pilothouse.program.build import record_graph
from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.aws.operations import deployer_policy, preflight
from pilothouse.targets.aws.operations.target import AwsOperations
from pilothouse.targets.dry_run import Recording
from pilothouse.targets.interface import Check
from tests.targets.aws import planting
from tests.targets.aws.conftest import HoldFirst
from tests.targets.aws.managed import Managed
from tests.targets.aws.plans import plan_of

QUOTAS = {
    "vpc": [
        {"QuotaName": "VPCs per Region", "Value": 5.0},
        {"QuotaName": "Internet gateways per Region", "Value": 5.0},
        {"QuotaName": "NAT gateways per Availability Zone", "Value": 5.0},
    ],
    "ec2": [{"QuotaName": "EC2-VPC Elastic IPs", "Value": 5.0}],
    "airflow": [{"QuotaName": "Environments per account per Region", "Value": 10.0}],
}


@pytest.fixture(autouse=True)
def quotas(managed: Managed) -> None:
    managed.quotas = {service: list(found) for service, found in QUOTAS.items()}


@pytest.fixture
def no_credentials(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """None at all: not those either that moto puts into the environment."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)


def checks(account: Account) -> dict[str, Check]:
    return {
        each.name: each
        for each in preflight.checks(account.plan, account, lambda: record_graph(account.plan))
    }


def not_recorded() -> Recording:
    raise AssertionError("the graph is not needed")


def failed(account: Account) -> list[Check]:
    found = [each for each in checks(account).values() if not each.ok]
    assert all(each.remedy and each.detail for each in found)
    return found


def failed_one(account: Account) -> Check:
    (only,) = failed(account)
    return only


def test_an_account_that_has_what_is_needed_passes_every_check(account: Account) -> None:
    found = checks(account)
    assert [each.name for each in found.values() if not each.ok] == []
    looked_at = " ".join(found)
    for word in ("credentials", "account", "region", "zones", "s3", "mwaa", "kms", "permissions"):
        assert word in looked_at
    assert len([name for name in found if name.startswith("quota")]) == 5


@pytest.mark.usefixtures("no_credentials")
def test_without_credentials_there_is_one_clear_failure(account: Account) -> None:
    only = failed_one(account)
    assert only.name == "credentials"
    assert "aws sso login" in only.remedy
    assert list(checks(account)) == ["credentials"], "nothing else can be looked at"


def test_a_profile_that_is_not_there_is_a_failure_with_a_remedy(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "unheard-of")
    only = failed_one(account)
    assert only.name == "credentials"
    assert "unheard-of" in only.detail


@pytest.mark.usefixtures("no_credentials")
def test_what_looks_at_a_stack_without_credentials_is_refused(account: Account) -> None:
    """Nothing found would look like a proof that nothing is left."""
    operations = AwsOperations(account.plan)
    for look in (
        lambda: operations.leftovers(keep_data=False),
        lambda: operations.clean_up(keep_data=False),
        lambda: operations.remove_orphans(None, []),
        operations.services,
        lambda: operations.logs("airflow", 5),
    ):
        with pytest.raises(Refused, match="aws sso login"):
            look()


def test_credentials_of_another_account_are_a_failure_and_nothing_is_swept(
    account: Account, managed: Managed
) -> None:
    elsewhere = plan_of("aws", accountId="210987654321")
    (only,) = [
        each
        for each in preflight.checks(elsewhere, Account(elsewhere), not_recorded)
        if not each.ok
    ]
    assert (only.name, "accountId" in only.remedy) == ("account", True)
    assert "123456789012" in only.detail
    managed.called.clear()
    with pytest.raises(Refused, match="210987654321"):
        AwsOperations(elsewhere).clean_up(keep_data=False)
    assert {service for service, _ in managed.called} == {"sts"}


def test_a_region_that_is_not_enabled_is_a_failure(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = {"Regions": [{"RegionName": "us-east-1", "OptInStatus": "not-opted-in"}]}
    monkeypatch.setattr(account.client("ec2"), "describe_regions", lambda **_: answer)
    only = failed_one(account)
    assert only.name == "region"
    assert "not-opted-in" in only.detail


def test_a_zone_that_is_not_there_is_a_failure_that_names_those_that_are(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = {
        "AvailabilityZones": [
            {"ZoneName": f"us-east-1{letter}", "State": state}
            for letter, state in (("a", "available"), ("b", "unavailable"), ("c", "available"))
        ]
    }
    monkeypatch.setattr(account.client("ec2"), "describe_availability_zones", lambda: answer)
    only = failed_one(account)
    assert only.detail == "not available: us-east-1b"
    assert "us-east-1a, us-east-1c" in only.remedy


def test_a_service_that_the_region_lacks_is_a_failure_that_names_regions_that_have_it(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://airflow.us-east-1.amazonaws.com")

    monkeypatch.setattr(account.client("mwaa"), "list_environments", unreachable)
    only = failed_one(account)
    assert only.name.startswith("mwaa")
    assert "eu-west-1" in only.remedy


def test_a_service_that_may_not_be_asked_is_a_failure_whose_remedy_is_the_policy(
    account: Account,
    hold_first: HoldFirst,
) -> None:
    hold_first("DescribeRegions", times=1, code="UnauthorizedOperation")
    only = failed_one(account)
    assert only.name == "region"
    assert "doctor --policy" in only.remedy


@pytest.mark.parametrize(
    ("stack", "asked", "not_asked"),
    [
        ({}, "mlflow apps", "tracking servers"),
        ({"tracking": {"server": "tracking-server"}}, "tracking servers", "mlflow apps"),
        ({"engine": "managed"}, "list pipelines", "mwaa"),
    ],
)
def test_only_what_the_stack_uses_is_asked(
    account: Account, stack: dict[str, Any], asked: str, not_asked: str
) -> None:
    names = " ".join(checks(Account(plan_of("aws", **stack))))
    assert asked in names
    assert not_asked not in names


def test_a_quota_that_is_used_up_is_a_failure_with_both_numbers(account: Account) -> None:
    for _ in range(5):
        account.client("ec2").allocate_address(Domain="vpc")
    only = failed_one(account)
    assert "Elastic IPs" in only.name
    assert only.detail == "5 of 5 used, 1 more needed"


def test_what_the_stack_has_already_is_not_counted_twice(account: Account) -> None:
    for _ in range(4):
        account.client("ec2").allocate_address(Domain="vpc")
    planting.elastic_ip(account)
    assert failed(account) == []


def test_nat_gateways_are_counted_in_the_fullest_zone(account: Account, managed: Managed) -> None:
    managed.quotas["vpc"][2] = {"QuotaName": "NAT gateways per Availability Zone", "Value": 2.0}
    vpc = planting.vpc(account)
    ec2 = account.client("ec2")
    for number, zone in enumerate(("a", "a", "b")):
        subnet = planting.subnet(account, vpc, number, f"us-east-1{zone}")
        ec2.create_nat_gateway(SubnetId=subnet, ConnectivityType="private")
    managed.quotas["ec2"] = [{"QuotaName": "EC2-VPC Elastic IPs", "Value": 50.0}]
    found = checks(account)["quota of NAT gateways per Availability Zone"]
    assert found.detail.startswith("2 of 2 used")


def test_a_quota_that_can_not_be_read_is_said_and_is_no_obstacle(
    account: Account, managed: Managed
) -> None:
    managed.quotas = {}
    found = [each for name, each in checks(account).items() if name.startswith("quota")]
    assert len(found) == 5
    assert all(each.ok and "not checked" in each.detail for each in found)


def test_rights_that_are_missing_are_named(account: Account, managed: Managed) -> None:
    managed.denied = {"airflow:CreateEnvironment", "s3:CreateBucket"}
    only = failed_one(account)
    assert only.name == "permissions"
    for action in managed.denied:
        assert action in only.detail
    assert "doctor --policy" in only.remedy


def test_every_action_without_a_wildcard_is_simulated(account: Account, managed: Managed) -> None:
    managed.denied = set(simulated(account))
    (only,) = [each for each in checks(account).values() if each.name == "permissions"]
    assert f"and {len(managed.asked) - 8} more" in only.detail
    assert set(managed.asked) == managed.denied


def simulated(account: Account) -> Iterator[str]:
    for document in deployer_policy.documents(account.plan, record_graph(account.plan)):
        for statement in document["Statement"]:
            yield from (action for action in statement["Action"] if "*" not in action)


def test_that_rights_may_not_be_simulated_is_said_and_is_no_obstacle(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object, **__: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://iam.amazonaws.com")

    monkeypatch.setattr(preflight, "_denied_actions", denied)
    found = checks(account)["permissions"]
    assert found.ok
    assert "not simulated" in found.detail


@pytest.mark.parametrize(
    ("arn", "whose"),
    [
        ("arn:aws:iam::1:user/someone", "arn:aws:iam::1:user/someone"),
        ("arn:aws:sts::1:assumed-role/deploy/me@x", "arn:aws:iam::1:role/deploy"),
        ("arn:aws-cn:sts::1:assumed-role/deploy/a:b", "arn:aws-cn:iam::1:role/deploy"),
    ],
)
def test_rights_are_asked_for_of_whoever_has_the_policies(arn: str, whose: str) -> None:
    assert preflight.principal(arn) == whose


def test_the_preflight_of_a_plan_is_that_of_its_account(plan: Plan, account: Account) -> None:
    found = AwsOperations(plan).preflight(lambda: record_graph(plan))
    assert [each.name for each in found] == list(checks(account))


def with_files(account: Account, project: Path, **orchestration: Any) -> Account:
    plan = plan_of("aws", orchestration=orchestration)
    return Account(replace(plan, project=project))


def test_what_is_not_known_of_the_requirements_is_said(account: Account, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("pandas==2.2.3\n")
    (tmp_path / "constraints.txt").write_text("pandas==2.2.3\n")
    found = checks(with_files(account, tmp_path, requirements="requirements.txt"))["requirements"]
    assert found.ok
    assert "not compared with Airflow's constraints" in found.detail
    assert "/apache/airflow/constraints-3.0.6/constraints-3.12.txt" in found.detail
    given = {"requirements": "requirements.txt", "constraints": "constraints.txt"}
    found = checks(with_files(account, tmp_path, **given))["requirements"]
    assert "no pin contradicts" in found.detail
    assert "requirements" not in checks(account)


def test_requirements_that_pip_refuses_end_the_preflight(account: Account, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("pandas==2.2.3\n-r more.txt\n")
    with pytest.raises(InvalidInput, match=r"requirements\.txt:2: found \"-r\"; copy its lines"):
        checks(with_files(account, tmp_path, requirements="requirements.txt"))
