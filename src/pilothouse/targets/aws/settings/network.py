"""The network of a stack: a VPC of its own, or an existing one."""

import re
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network
from itertools import combinations
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from pilothouse.config.section import Section, rule
from pilothouse.config.validation import refusal
from pilothouse.errors import shown

PRIVATE = [IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")]
DOCKER = IPv4Network("172.17.0.0/16")
"""Docker's bridge network, which SageMaker's containers route to their own machine."""

LARGEST, SMALLEST, SMALLEST_SUBNET = 16, 24, 28
"""Prefix lengths: of AWS's largest VPC, of the smallest with room for MWAA, of a subnet."""

ZONES = 2
_ID = "[0-9a-f]{8}([0-9a-f]{9})?"


def _parse(text: str) -> IPv4Network:
    try:
        return IPv4Network(text)
    except ValueError as error:
        remedy = f"write a network such as 10.42.0.0/16: {error}"
        raise refusal(found=shown(text), remedy=remedy) from error


def _check_private(text: str) -> str:
    found = _parse(text)
    if not any(found.subnet_of(private) for private in PRIVATE):
        remedy = f"choose a network within {', '.join(map(str, PRIVATE))}"
        raise refusal(found=shown(text), remedy=remedy)
    if found.overlaps(DOCKER):
        remedy = f"choose one that does not overlap {DOCKER}, which is Docker's in SageMaker"
        raise refusal(found=shown(text), remedy=remedy)
    return text


def _check_vpc(text: str) -> str:
    if not LARGEST <= _parse(text).prefixlen <= SMALLEST:
        remedy = f"choose a network from /{LARGEST} to /{SMALLEST}"
        raise refusal(found=shown(text), remedy=remedy)
    return _check_private(text)


def _check_subnet(text: str) -> str:
    if _parse(text).prefixlen > SMALLEST_SUBNET:
        remedy = f"choose a network of /{SMALLEST_SUBNET} or larger"
        raise refusal(found=shown(text), remedy=remedy)
    return _check_private(text)


def _check_subnet_id(text: str) -> str:
    if not re.fullmatch(f"subnet-{_ID}", text):
        remedy = "write a subnet's id such as subnet-0123456789abcdef0"
        raise refusal(found=shown(text), remedy=remedy)
    return text


Vpc = Annotated[str, AfterValidator(_check_vpc)]
Subnets = Annotated[list[Annotated[str, AfterValidator(_check_subnet)]], Field(min_length=ZONES)]
SubnetId = Annotated[str, AfterValidator(_check_subnet_id)]


class NetworkSettings(Section):
    """A VPC of the stack, unless `vpcId` names an existing one."""

    cidr: Vpc = Field(default="10.42.0.0/16", description="Addresses of the stack's VPC.")
    public_cidrs: Subnets | None = Field(
        default=None,
        max_length=ZONES,
        description="The two public subnets. Default: the first half of `cidr`.",
    )
    private_cidrs: Subnets | None = Field(
        default=None,
        max_length=ZONES,
        description="The two private subnets. Default: the second half of `cidr`.",
    )
    egress: Literal["nat", "endpoints"] = Field(
        default="nat",
        description="Egress of private subnets. `nat`: a NAT gateway, which also reaches the "
        "internet. `endpoints`: interface endpoints of the services used, and nothing else.",
    )
    vpc_id: str | None = Field(
        default=None,
        pattern=rf"^vpc-{_ID}$",
        json_schema_extra=rule("a VPC's id such as vpc-0123456789abcdef0"),
        description="An existing VPC with access to AWS's services. Requires privateSubnetIds.",
    )
    private_subnet_ids: list[SubnetId] | None = Field(
        default=None,
        min_length=ZONES,
        max_length=ZONES,
        description="Two private subnets of that VPC, in different zones.",
    )

    @model_validator(mode="after")
    def _check_one_network(self) -> Self:
        own = {"cidr", "public_cidrs", "private_cidrs", "egress"} & self.model_fields_set
        if self.vpc_id and own:
            key = min(own)
            alias = str(type(self).model_fields[key].alias)
            found = "a network of its own with vpcId"
            raise refusal(key=alias, found=found, remedy="remove it, or vpcId")
        if self.vpc_id and not self.private_subnet_ids:
            remedy = "add it: two private subnets of that VPC, in different zones"
            raise refusal(key="privateSubnetIds", found="nothing with vpcId", remedy=remedy)
        if self.private_subnet_ids and not self.vpc_id:
            remedy = "add it: the VPC of these subnets"
            raise refusal(key="vpcId", found="nothing with privateSubnetIds", remedy=remedy)
        return self

    @model_validator(mode="after")
    def _check_subnet_ids(self) -> Self:
        ids = self.private_subnet_ids or []
        if len(set(ids)) < len(ids):
            remedy = "name two subnets, in different zones"
            raise refusal(key="privateSubnetIds", found=f"{ids[0]} twice", remedy=remedy)
        return self

    @model_validator(mode="after")
    def _check_cidrs(self) -> Self:
        if self.egress == "endpoints" and self.public_cidrs:
            remedy = "remove it: without a NAT gateway there are no public subnets"
            raise refusal(key="publicCidrs", found="subnets with egress: endpoints", remedy=remedy)
        if bool(self.public_cidrs) != bool(self.private_cidrs) and self.egress == "nat":
            missing = "privateCidrs" if self.public_cidrs else "publicCidrs"
            raise refusal(key=missing, found="nothing", remedy="name both kinds, or neither")
        for key, text in self._named():
            if not IPv4Network(text).subnet_of(IPv4Network(self.cidr)):
                remedy = f"choose a network within cidr {self.cidr}"
                raise refusal(key=key, found=shown(text), remedy=remedy)
        for (_, one), (key, other) in combinations(self._named(), 2):
            if IPv4Network(one).overlaps(IPv4Network(other)):
                found = f"{other}, which overlaps {one}"
                raise refusal(key=key, found=found, remedy="choose networks that do not overlap")
        return self

    def _named(self) -> Iterator[tuple[str, str]]:
        yield from (("publicCidrs", text) for text in self.public_cidrs or ())
        yield from (("privateCidrs", text) for text in self.private_cidrs or ())

    def public(self) -> Sequence[str]:
        """The networks of the public subnets; none where nothing needs them."""
        if self.egress == "endpoints":
            return []
        return self.public_cidrs or self._quarters()[:ZONES]

    def private(self) -> Sequence[str]:
        """The networks of the private subnets."""
        return self.private_cidrs or self._quarters()[ZONES:]

    def _quarters(self) -> list[str]:
        return [str(subnet) for subnet in IPv4Network(self.cidr).subnets(prefixlen_diff=2)]
