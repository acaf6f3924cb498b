"""The network: who is where, what leads out, and that every service that is called is reached."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network
from itertools import combinations
from typing import Any

from tests.targets.aws.policies import view
from tests.targets.aws.policies.view import Stack, given, jobs
from tests.targets.suite.recorder import Recorded

EVERYWHERE = "0.0.0.0/0"
CALLED = {
    "airflow.api", "airflow.env", "ecr.api", "ecr.dkr", "kms", "logs", "monitoring",
    "sagemaker.api", "sqs",
}  # fmt: skip
"""What is called from inside besides S3 and MLflow: by MWAA, by the DAG, by jobs."""


def subnets_are_apart(stack: Stack) -> Iterator[str]:
    """Subnets are within their VPC, and none overlaps another."""
    for subnet in stack.kind("Subnet"):
        vpc = stack.by_id("Vpc", given(subnet)["vpcId"])
        if vpc is None or not _cidr(subnet).subnet_of(_cidr(vpc)):
            yield f"{subnet.label} is outside its VPC"
    for one, other in combinations(stack.kind("Subnet"), 2):
        if _cidr(one).overlaps(_cidr(other)):
            yield f"{one.label} overlaps {other.label}"


def zones_differ(stack: Stack) -> Iterator[str]:
    """Whoever is in two subnets is in two zones of the stack's region."""
    for user, subnets, _ in residents(stack):
        found = [stack.by_id("Subnet", subnet) for subnet in subnets]
        zones = {given(item)["availabilityZone"] for item in found if item}
        own = stack.plan.settings.network.vpc_id is None
        if own and (len(zones) != 2 or any(_region(zone) != _here(stack) for zone in zones)):
            yield f"{user} is in {', '.join(sorted(zones)) or 'no zone'}"
        if len(set(subnets)) != 2:
            yield f"{user} is in {len(set(subnets))} subnets"


def residents_are_private(stack: Stack) -> Iterator[str]:
    """MWAA, Studio, jobs and endpoints are in subnets from which nothing leads straight out."""
    given_ones = stack.plan.settings.network.private_subnet_ids or []
    for user, subnets, groups in residents(stack):
        for subnet in subnets:
            if any(_leads_to_internet(stack, route) for route in routes_of(stack, subnet)):
                yield f"{user} is in the public {subnet}"
            if not routes_of(stack, subnet) and subnet not in given_ones and _has_ways(stack):
                yield f"{user} is in {subnet}, which has no table of routes of its own"
        if not groups or any(stack.by_id("SecurityGroup", item) is None for item in groups):
            yield f"{user} is in another's group: {groups}"


def residents_reach_aws(stack: Stack) -> Iterator[str]:
    """Where they are, there is a way to S3, and to every service that is called."""
    if stack.plan.settings.network.vpc_id:
        return
    for user, subnets, _ in residents(stack):
        for subnet in subnets:
            if not _reaches_store(stack, subnet):
                yield f"{user} reaches S3 in a roundabout way, or not, from {subnet}"
            if not _has_nat(stack, subnet):
                missing = {*CALLED, "mlflow"} - endpoints_in(stack, subnet)
                yield from (f"{user} can't call {item} from {subnet}" for item in sorted(missing))


def gateways_are_public(stack: Stack) -> Iterator[str]:
    """A NAT gateway is in a subnet that leads out, and has an address."""
    for gateway in stack.kind("NatGateway"):
        subnet = given(gateway)["subnetId"]
        if not any(_leads_to_internet(stack, route) for route in routes_of(stack, subnet)):
            yield f"{gateway.label} is in {subnet}, from which nothing leads out"
        if stack.by_id("Eip", given(gateway).get("allocationId", "")) is None:
            yield f"{gateway.label} has no address"


def names_are_found(stack: Stack) -> Iterator[str]:
    """An endpoint is found by its service's usual name: in the VPC, and by the endpoint."""
    for vpc in stack.kind("Vpc"):
        if not (given(vpc).get("enableDnsSupport") and given(vpc).get("enableDnsHostnames")):
            yield f"{vpc.label} gives no names"
    for endpoint in stack.kind("VpcEndpoint"):
        known = given(endpoint)
        if known["vpcEndpointType"] == "Interface" and known.get("privateDnsEnabled") is not True:
            yield f"{endpoint.label} is not called by the service's name"


def members_reach_each_other(stack: Stack) -> Iterator[str]:
    """The group lets its members talk to each other both ways, as MWAA needs."""
    for group in stack.kind("SecurityGroup"):
        for way in ("ingress", "egress"):
            rules = given(group)[way]
            if not any(rule.get("self") and rule["protocol"] == "-1" for rule in rules):
                yield f"{group.label} keeps its members apart: {way}"
        out = [rule for rule in given(group)["egress"] if not rule.get("self")]
        if not any(rule.get("cidrBlocks") or rule.get("prefixListIds") for rule in out):
            yield f"{group.label} lets nobody reach AWS"
        closed = not stack.kind("NatGateway") and stack.kind("Vpc")
        if closed and any(rule.get("cidrBlocks") for rule in out):
            yield f"{group.label} lets out what has nowhere to go"


def flows_are_logged(stack: Stack) -> Iterator[str]:
    """Every flow of a VPC of the stack's own is logged, to a group of the graph."""
    for vpc in stack.kind("Vpc"):
        log = stack.by("FlowLog", "vpcId", vpc.name)
        if log is None or given(log).get("trafficType") != "ALL":
            yield f"nobody sees who talks in {vpc.label}"
        elif not any(
            given(log)["logDestination"].endswith(f":log-group:{given(group)['name']}")
            for group in stack.kind("LogGroup")
        ):
            yield f"{log.label} is written to a group that nobody owns"


def residents(stack: Stack) -> Iterator[tuple[str, list[str], list[str]]]:
    """Everything that is in the network: its label, its subnets, its security groups."""
    for resource in stack.kind("Environment"):
        places: Any = given(resource)["networkConfiguration"]
        yield resource.label, places["subnetIds"], places["securityGroupIds"]
    for resource in stack.kind("Domain"):
        groups = given(resource)["defaultUserSettings"].get("securityGroups", [])
        yield resource.label, given(resource)["subnetIds"], groups
    for resource in stack.kind("VpcEndpoint"):
        if given(resource)["vpcEndpointType"] == "Interface":
            yield resource.label, given(resource)["subnetIds"], given(resource)["securityGroupIds"]
    for job in jobs(stack):
        places = view.network(job)
        yield "a job", places.get("Subnets", []), places.get("SecurityGroupIds", [])


def routes_of(stack: Stack, subnet: str) -> list[Recorded]:
    """The tables of a subnet."""
    tables = [
        given(resource)["routeTableId"]
        for resource in stack.kind("RouteTableAssociation")
        if given(resource)["subnetId"] == subnet
    ]
    return [resource for resource in stack.kind("RouteTable") if resource.name in tables]


def endpoints_in(stack: Stack, subnet: str) -> set[str]:
    """The services that have an endpoint in a subnet, as AWS calls them."""
    names = [
        given(resource)["serviceName"]
        for resource in stack.kind("VpcEndpoint")
        if subnet in given(resource).get("subnetIds", [])
    ]
    here = f"com.amazonaws.{_here(stack)}."
    found = {name.removeprefix(here) for name in names if name.startswith(here)}
    mlflow = f"aws.sagemaker.{_here(stack)}.experiments"
    return found | {"mlflow" for name in names if name == mlflow}


def _routes(stack: Stack, table: Recorded) -> list[dict[str, Any]]:
    known = [given(resource) for resource in stack.kind("Route")]
    return [
        item
        for item in known
        if item["routeTableId"] == table.name and item["destinationCidrBlock"] == EVERYWHERE
    ]


def _leads_to_internet(stack: Stack, table: Recorded) -> bool:
    gateways = [route.get("gatewayId") for route in _routes(stack, table)]
    return any(stack.by_id("InternetGateway", str(item)) for item in gateways)


def _has_nat(stack: Stack, subnet: str) -> bool:
    gateways = [
        route.get("natGatewayId")
        for table in routes_of(stack, subnet)
        for route in _routes(stack, table)
    ]
    return any(stack.by_id("NatGateway", str(item)) for item in gateways)


def _reaches_store(stack: Stack, subnet: str) -> bool:
    tables = {route.name for route in routes_of(stack, subnet)}
    service = f"com.amazonaws.{_here(stack)}.s3"
    endpoint = stack.by("VpcEndpoint", "serviceName", service)
    return endpoint is not None and bool(tables & {*given(endpoint).get("routeTableIds", [])})


def _has_ways(stack: Stack) -> bool:
    return bool(stack.kind("RouteTable"))


def _here(stack: Stack) -> str:
    return str(stack.plan.settings.region)


def _region(zone: str) -> str:
    return zone[:-1]


def _cidr(resource: Recorded) -> IPv4Network:
    return IPv4Network(given(resource)["cidrBlock"])
