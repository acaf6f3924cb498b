"""An existing VPC that cannot carry a stack is found out before anything is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from pilothouse.program.build import record_graph
from pilothouse.targets.aws import naming
from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.aws.operations import network_checks, preflight
from pilothouse.targets.interface import Check
from tests.targets.aws.managed import Managed
from tests.targets.aws.plans import REGION, Engine, plan_of

ABSENT = "subnet-0123456789abcdef0"


@dataclass
class ExistingVpc:
    """A VPC of a team: two private subnets in two zones, which a NAT gateway serves."""

    client: Any
    vpc: str = ""
    tables: list[str] = field(default_factory=list)
    subnets: list[str] = field(default_factory=list)
    nat: str = ""

    @classmethod
    def create(cls, account: Account, zones: Sequence[str] = "ab") -> ExistingVpc:
        made = cls(account.client("ec2"))
        made.vpc = made.client.create_vpc(CidrBlock="10.50.0.0/16")["Vpc"]["VpcId"]
        for name in ("EnableDnsSupport", "EnableDnsHostnames"):
            made.client.modify_vpc_attribute(VpcId=made.vpc, **{name: {"Value": True}})
        public = made.add_subnet(9, "a")
        made.nat = made.client.create_nat_gateway(SubnetId=public, ConnectivityType="private")[
            "NatGateway"
        ]["NatGatewayId"]
        for number, letter in enumerate(zones):
            made.subnets.append(made.add_subnet(number, letter))
            made.tables.append(made.attach_table(made.subnets[-1]))
            made.route(number, NatGatewayId=made.nat)
        return made

    def add_subnet(self, number: int, letter: str) -> str:
        subnet = self.client.create_subnet(
            VpcId=self.vpc, AvailabilityZone=f"{REGION}{letter}", CidrBlock=f"10.50.{number}.0/24"
        )
        return str(subnet["Subnet"]["SubnetId"])

    def attach_table(self, subnet: str) -> str:
        table = self.client.create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"]
        self.client.associate_route_table(RouteTableId=table, SubnetId=subnet)
        return str(table)

    def route(self, number: int, **target: str) -> None:
        table = self.tables[number]
        self.client.create_route(
            RouteTableId=table, DestinationCidrBlock=network_checks.EVERYWHERE, **target
        )

    def close(self, number: int) -> None:
        self.client.delete_route(
            RouteTableId=self.tables[number], DestinationCidrBlock=network_checks.EVERYWHERE
        )

    def internet(self) -> str:
        gateway = self.client.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self.client.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
        return str(gateway)

    def add_endpoint(self, service: str, *, private_dns: bool = True) -> None:
        if service.endswith(".s3"):
            self.client.create_vpc_endpoint(
                VpcId=self.vpc, ServiceName=service, VpcEndpointType="Gateway"
            )
        else:
            self.client.create_vpc_endpoint(
                VpcId=self.vpc,
                ServiceName=service,
                VpcEndpointType="Interface",
                PrivateDnsEnabled=private_dns,
                SubnetIds=self.subnets,
            )

    def account(self, *subnets: str, engine: Engine = "airflow") -> Account:
        """The account of a stack in this VPC, in these subnets."""
        ids = list(subnets or self.subnets)
        network = {"vpcId": self.vpc, "privateSubnetIds": ids}
        return Account(plan_of("aws", engine=engine, network=network))


@pytest.fixture
def existing(account: Account) -> ExistingVpc:
    return ExistingVpc.create(account)


def failed(account: Account) -> Check:
    (only,) = [check for check in network_checks.checks(account) if not check.ok]
    assert only.remedy
    return only


def test_private_subnets_behind_a_nat_gateway_pass(existing: ExistingVpc) -> None:
    found = list(network_checks.checks(existing.account()))
    assert [(check.name, check.ok) for check in found] == [
        ("network: VPC", True),
        ("network: subnets", True),
        ("network: zones", True),
        ("network: routes", True),
    ]


def test_a_network_of_the_stack_s_own_is_not_looked_at(account: Account) -> None:
    assert list(network_checks.checks(account)) == []


def test_a_vpc_that_is_not_there_is_the_only_failure(existing: ExistingVpc) -> None:
    existing.vpc = "vpc-0123456789abcdef0"
    (only,) = network_checks.checks(existing.account())
    assert not only.ok
    assert only.detail == f"vpc-0123456789abcdef0 does not exist in {REGION}"


@pytest.mark.parametrize("attribute", ["EnableDnsSupport", "EnableDnsHostnames"])
def test_a_vpc_without_dns_is_a_failure(existing: ExistingVpc, attribute: str) -> None:
    existing.client.modify_vpc_attribute(VpcId=existing.vpc, **{attribute: {"Value": False}})
    assert "off" in failed(existing.account()).detail


def test_a_subnet_that_is_not_there_is_named(existing: ExistingVpc) -> None:
    assert (
        failed(existing.account(existing.subnets[0], ABSENT)).detail == f"{ABSENT} does not exist"
    )


def test_a_subnet_of_another_vpc_is_named_with_it(account: Account, existing: ExistingVpc) -> None:
    other = ExistingVpc.create(account)
    found = list(network_checks.checks(existing.account(existing.subnets[0], other.subnets[1])))
    (subnets,) = [check for check in found if check.name == "network: subnets"]
    assert (subnets.ok, subnets.detail) == (False, f"{other.subnets[1]} is in {other.vpc}")


def test_subnets_in_one_zone_are_a_failure(account: Account) -> None:
    existing = ExistingVpc.create(account, "aa")
    only = failed(existing.account())
    assert only.name == "network: zones"
    assert all(f"{subnet} in {REGION}a" in only.detail for subnet in existing.subnets)


def test_a_public_subnet_is_named_with_its_internet_gateway(existing: ExistingVpc) -> None:
    gateway = existing.internet()
    existing.close(1)
    existing.route(1, GatewayId=gateway)
    assert failed(existing.account()).detail == (
        f"{existing.subnets[1]} is public: its default route goes to {gateway}"
    )


def test_a_subnet_without_a_table_of_its_own_has_the_main_one(existing: ExistingVpc) -> None:
    gateway = existing.internet()
    filters = [
        {"Name": "vpc-id", "Values": [existing.vpc]},
        {"Name": "association.main", "Values": ["true"]},
    ]
    (main,) = existing.client.describe_route_tables(Filters=filters)["RouteTables"]
    existing.tables.append(main["RouteTableId"])
    existing.route(2, GatewayId=gateway)
    subnet = existing.add_subnet(5, "b")
    only = failed(existing.account(existing.subnets[0], subnet))
    assert only.detail.startswith(f"{subnet} is public")


def test_without_a_route_out_the_missing_endpoints_are_named(existing: ExistingVpc) -> None:
    existing.close(0)
    services = list(naming.endpoint_services(existing.account().plan).values())
    for service in services[1:]:
        existing.add_endpoint(service)
    only = failed(existing.account())
    assert only.detail == (
        f"{existing.subnets[0]} has no default route, and the VPC has no endpoint with private "
        f"DNS of com.amazonaws.{REGION}.s3, {services[0]}"
    )
    existing.add_endpoint(services[0])
    existing.add_endpoint(f"com.amazonaws.{REGION}.s3")
    assert all(check.ok for check in network_checks.checks(existing.account()))


def test_an_endpoint_without_private_dns_is_none(existing: ExistingVpc) -> None:
    existing.close(0)
    services = list(naming.endpoint_services(existing.account().plan).values())
    existing.add_endpoint(f"com.amazonaws.{REGION}.s3")
    for service in services:
        existing.add_endpoint(service, private_dns=not service.endswith(".kms"))
    only = failed(existing.account())
    assert only.detail.endswith(f"private DNS of com.amazonaws.{REGION}.kms")


def test_without_airflow_its_endpoints_are_not_asked_for(existing: ExistingVpc) -> None:
    existing.close(0)
    existing.close(1)
    for check in network_checks.checks(existing.account(engine="managed")):
        assert "airflow" not in check.detail
        assert "sqs" not in check.detail


def test_the_preflight_has_these_checks(existing: ExistingVpc, managed: Managed) -> None:
    managed.quotas = {}
    account = existing.account(existing.subnets[0], ABSENT)
    found = preflight.checks(account.plan, account, lambda: record_graph(account.plan))
    assert ABSENT in next(check.detail for check in found if check.name == "network: subnets")
