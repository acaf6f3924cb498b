"""The egress of private subnets: a NAT gateway, or endpoints of AWS's services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_aws.ec2 import Eip, InternetGateway, NatGateway, Route, VpcEndpoint

from pilothouse.targets.aws import naming
from pilothouse.targets.aws.components.expiry import Hourly

if TYPE_CHECKING:
    from pulumi_aws.ec2 import RouteTable, SecurityGroup, Subnet, Vpc

    from pilothouse.targets.aws.components.factory import ResourceFactory

EVERYWHERE = "0.0.0.0/0"
HTTPS = {"protocol": "tcp", "from_port": 443, "to_port": 443}


@dataclass(frozen=True)
class Egress:
    """What the private subnets reach AWS by, and what of it bills by the hour."""

    resources: Sequence[pulumi.Resource]
    hourly: Sequence[Hourly]


@dataclass(frozen=True)
class Public:
    """The public half of a network: the NAT gateway's subnet, the route table, associations."""

    subnet: Subnet
    table: RouteTable
    attached: Sequence[pulumi.Resource]


def allow_everywhere() -> list[Any]:
    """The rule that allows HTTPS to any address."""
    return [{**HTTPS, "cidr_blocks": [EVERYWHERE], "description": "To AWS and the internet"}]


def allow_store(store: VpcEndpoint) -> list[Any]:
    """The rule that allows HTTPS to S3; every other endpoint is a member of the group."""
    return [{**HTTPS, "prefix_list_ids": [store.prefix_list_id], "description": "To S3"}]


def create_store_endpoint(factory: ResourceFactory, vpc: Vpc, table: RouteTable) -> VpcEndpoint:
    """The gateway endpoint of S3, which is free of charge."""
    return VpcEndpoint(
        "s3",
        vpc_id=vpc.id,
        vpc_endpoint_type="Gateway",
        service_name=naming.store_endpoint_service(factory.plan),
        route_table_ids=[table.id],
        tags=factory.tags("s3"),
        opts=factory.options(),
    )


def create_nat(factory: ResourceFactory, vpc: Vpc, public: Public, private: RouteTable) -> Egress:
    """A NAT gateway, and the private subnets' route to it."""
    internet = InternetGateway(
        "internet", vpc_id=vpc.id, tags=factory.tags("internet"), opts=factory.options()
    )
    out = Route(
        "public",
        route_table_id=public.table.id,
        destination_cidr_block=EVERYWHERE,
        gateway_id=internet.id,
        opts=factory.options(),
    )
    address = Eip("nat", domain="vpc", tags=factory.tags("nat"), opts=factory.options(internet))
    gateway = NatGateway(
        "nat",
        allocation_id=address.id,
        subnet_id=public.subnet.id,
        connectivity_type="public",
        tags=factory.tags("nat"),
        opts=factory.options(out, *public.attached),
    )
    route = Route(
        "private",
        route_table_id=private.id,
        destination_cidr_block=EVERYWHERE,
        nat_gateway_id=gateway.id,
        opts=factory.options(),
    )
    hourly = [
        Hourly("nat", "NAT gateway", gateway.id),
        Hourly("address", "elastic IP", address.id),
    ]
    return Egress([gateway, route], hourly)


def create_endpoints(
    factory: ResourceFactory, vpc: Vpc, subnets: Sequence[Subnet], group: SecurityGroup
) -> Egress:
    """An endpoint in the private subnets for each of the services, and for MLflow."""
    endpoints = {
        name: VpcEndpoint(
            name,
            vpc_id=vpc.id,
            vpc_endpoint_type="Interface",
            service_name=service,
            subnet_ids=[subnet.id for subnet in subnets],
            security_group_ids=[group.id],
            private_dns_enabled=True,
            tags=factory.tags(name),
            opts=factory.options(),
        )
        for name, service in naming.endpoint_services(factory.plan).items()
    }
    hourly = [Hourly(name, "VPC endpoint", made.id) for name, made in endpoints.items()]
    return Egress(list(endpoints.values()), hourly)
