"""The network of a stack: a VPC of its own, or an existing one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import pulumi
from pulumi_aws.ec2 import (
    DefaultSecurityGroup,
    RouteTable,
    RouteTableAssociation,
    SecurityGroup,
    Subnet,
    Vpc,
)

from pilothouse.targets.aws import naming
from pilothouse.targets.aws.components import egress, flow_logs

if TYPE_CHECKING:
    from pilothouse.targets.aws.components.expiry import Hourly
    from pilothouse.targets.aws.components.factory import ResourceFactory

LETTERS = "ab"


class Network(Protocol):
    """What the capabilities use of a network.

    ready: the egress; whatever is in the network is created after it and deleted before it.
    hourly: what of it bills by the hour.
    """

    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    group: SecurityGroup
    ready: Sequence[pulumi.Resource]
    hourly: Sequence[Hourly]


class ExistingNetwork:
    """Subnets of an existing VPC, with a security group of the stack."""

    def __init__(self, factory: ResourceFactory, vpc_id: str, subnet_ids: Sequence[str]) -> None:
        self.vpc_id: pulumi.Input[str] = vpc_id
        self.subnet_ids: Sequence[pulumi.Input[str]] = subnet_ids
        self.group = create_security_group(factory, self.vpc_id, egress.allow_everywhere())
        self.ready: Sequence[pulumi.Resource] = []
        self.hourly: Sequence[Hourly] = []


class OwnNetwork:
    """A VPC with two private subnets and their egress to AWS's services."""

    def __init__(self, factory: ResourceFactory, key_arn: pulumi.Output[str] | None) -> None:
        self._factory, self._settings = factory, factory.plan.settings
        vpc = self._create_vpc()
        self.vpc_id: pulumi.Input[str] = vpc.id
        self._private = self._create_subnets("private", self._settings.network.private())
        table, attached = self._create_route_table("private", self._private)
        store = egress.create_store_endpoint(factory, vpc, table)
        out = egress.allow_store(store) if self._is_closed else egress.allow_everywhere()
        self.group = create_security_group(factory, vpc.id, out)
        self.subnet_ids: Sequence[pulumi.Input[str]] = [subnet.id for subnet in self._private]
        way = self._create_endpoints(vpc) if self._is_closed else self._create_nat(vpc, table)
        self.ready: Sequence[pulumi.Resource] = [store, *attached, *way.resources]
        self.hourly: Sequence[Hourly] = way.hourly
        flow_logs.create_flow_log(factory, vpc, key_arn)

    @property
    def _is_closed(self) -> bool:
        return bool(self._settings.network.egress == "endpoints")

    def _create_vpc(self) -> Vpc:
        vpc = Vpc(
            "vpc",
            cidr_block=self._settings.network.cidr,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags=self._factory.tags("vpc"),
            opts=self._factory.options(),
        )
        # AWS creates it with the VPC and open among its members; without rules it is harmless.
        DefaultSecurityGroup(
            "default",
            vpc_id=vpc.id,
            ingress=[],
            egress=[],
            tags=self._factory.tags("default"),
            opts=self._factory.options(),
        )
        return vpc

    def _create_subnets(self, kind: str, cidrs: Sequence[str]) -> list[Subnet]:
        named = zip(LETTERS, self._settings.zone_names, cidrs, strict=True)
        return [
            Subnet(
                f"{kind}-{letter}",
                vpc_id=self.vpc_id,
                availability_zone=zone,
                cidr_block=cidr,
                map_public_ip_on_launch=False,
                tags=self._factory.tags(f"{kind}-{letter}"),
                opts=self._factory.options(),
            )
            for letter, zone, cidr in named
        ]

    def _create_route_table(
        self, kind: str, subnets: Sequence[Subnet]
    ) -> tuple[RouteTable, list[pulumi.Resource]]:
        factory = self._factory
        table = RouteTable(
            kind, vpc_id=self.vpc_id, tags=factory.tags(kind), opts=factory.options()
        )
        attached: list[pulumi.Resource] = [
            RouteTableAssociation(
                f"{kind}-{letter}",
                route_table_id=table.id,
                subnet_id=subnet.id,
                opts=factory.options(),
            )
            for letter, subnet in zip(LETTERS, subnets, strict=True)
        ]
        return table, attached

    def _create_nat(self, vpc: Vpc, private: RouteTable) -> egress.Egress:
        public = self._create_subnets("public", self._settings.network.public())
        table, attached = self._create_route_table("public", public)
        return egress.create_nat(
            self._factory, vpc, egress.Public(public[0], table, attached), private
        )

    def _create_endpoints(self, vpc: Vpc) -> egress.Egress:
        return egress.create_endpoints(self._factory, vpc, self._private, self.group)


def create_security_group(
    factory: ResourceFactory, vpc_id: pulumi.Input[str], out: Sequence[Any]
) -> SecurityGroup:
    """The group of everything in the network: only its members can connect to its members."""
    members = {"protocol": "-1", "from_port": 0, "to_port": 0, "self": True}
    return SecurityGroup(
        naming.MEMBERS,
        name=factory.plan.name(naming.MEMBERS),
        description="Its members reach each other",
        vpc_id=vpc_id,
        ingress=[{**members, "description": "From members"}],
        egress=[{**members, "description": "To members"}, *out],
        tags=factory.tags(naming.MEMBERS),
        opts=factory.options(),
    )
