"""Whether an existing VPC carries a stack: MWAA itself fails only after half an hour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pilothouse.targets.aws import naming
from pilothouse.targets.aws.settings.network import ZONES
from pilothouse.targets.interface import Check

if TYPE_CHECKING:
    from pilothouse.targets.aws.clients.account import Account

EVERYWHERE = "0.0.0.0/0"
PUBLIC_ROUTE = "igw-"
_AIRFLOW_ONLY = ("airflow-api", "airflow-env", "sqs")

Subnet = Mapping[str, Any]


def checks(account: Account) -> Iterator[Check]:
    """The checks of the VPC that the settings name; none where the network is the stack's own.

    Raises AwsError where the VPC cannot be described.
    """
    network = account.plan.settings.network
    if not network.vpc_id:
        return
    vpc = _check_vpc(account, network.vpc_id)
    yield vpc
    if not vpc.ok:
        return
    ids = network.private_subnet_ids or []
    subnets = _find_subnets(account, ids)
    yield _check_subnets(network.vpc_id, ids, subnets)
    yield _check_zones(subnets)
    yield _check_routes(account, network.vpc_id, subnets)


def _check_vpc(account: Account, vpc_id: str) -> Check:
    client = account.client("ec2")
    found = client.describe_vpcs(Filters=[{"Name": "vpc-id", "Values": [vpc_id]}])["Vpcs"]
    if not found:
        return Check(
            name="network: VPC",
            ok=False,
            detail=f"{vpc_id} does not exist in {account.plan.settings.region}",
            remedy="correct `network.vpcId`, or `region`, under `pilothouse:aws` in the stack file",
        )
    attributes = ("enableDnsSupport", "enableDnsHostnames")
    disabled = [name for name in attributes if not _attribute(client, vpc_id, name)]
    return Check(
        name="network: VPC",
        ok=not disabled,
        detail=f"{vpc_id} has {' and '.join(disabled)} off" if disabled else vpc_id,
        remedy="enable DNS resolution and DNS hostnames of the VPC: endpoints are found by name",
    )


def _attribute(client: Any, vpc_id: str, name: str) -> bool:
    answer = client.describe_vpc_attribute(VpcId=vpc_id, Attribute=name)
    return bool(answer[f"{name[0].upper()}{name[1:]}"]["Value"])


def _find_subnets(account: Account, ids: Sequence[str]) -> list[Subnet]:
    filters = [{"Name": "subnet-id", "Values": list(ids)}]
    return list(account.client("ec2").describe_subnets(Filters=filters)["Subnets"])


def _check_subnets(vpc_id: str, ids: Sequence[str], subnets: Sequence[Subnet]) -> Check:
    vpcs = {subnet["SubnetId"]: subnet["VpcId"] for subnet in subnets}
    wrong = [f"{name} does not exist" for name in ids if name not in vpcs]
    wrong += [f"{name} is in {vpc}" for name, vpc in vpcs.items() if vpc != vpc_id]
    return Check(
        name="network: subnets",
        ok=not wrong,
        detail=", ".join(wrong or ids),
        remedy=f"name {ZONES} subnets of {vpc_id} as `network.privateSubnetIds`",
    )


def _check_zones(subnets: Sequence[Subnet]) -> Check:
    zones = {subnet["SubnetId"]: subnet["AvailabilityZone"] for subnet in subnets}
    placed = ", ".join(f"{name} in {zone}" for name, zone in zones.items())
    return Check(
        name="network: zones",
        ok=len(set(zones.values())) == len(zones),
        detail=placed or "no subnet was found",
        remedy=f"name subnets in {ZONES} different zones: MWAA needs both",
    )


def _check_routes(account: Account, vpc_id: str, subnets: Sequence[Subnet]) -> Check:
    tables = list(
        account.list_items(
            "ec2",
            "describe_route_tables",
            "RouteTables",
            Filters=[{"Name": "vpc-id", "Values": [vpc_id]}],
        )
    )
    defaults = {subnet["SubnetId"]: _default_route(tables, subnet) for subnet in subnets}
    wrong = [f"{name} {reason}" for name, route in defaults.items() if (reason := _fault(route))]
    if closed := [name for name, route in defaults.items() if route is None]:
        missing = _missing_endpoints(account, vpc_id)
        services = f"has no endpoint with private DNS of {', '.join(missing)}"
        wrong += [
            f"{name} has no default route, and the VPC {services}" for name in closed if missing
        ]
    return Check(
        name="network: routes",
        ok=not wrong,
        detail="; ".join(wrong) or "private, with access to AWS's services",
        remedy="route 0.0.0.0/0 of private subnets to a NAT or transit gateway, or add the VPC's "
        "endpoints of these services",
    )


def _default_route(tables: Sequence[Any], subnet: Subnet) -> Mapping[str, Any] | None:
    """The default route of a subnet's route table: its own, or the VPC's main one."""
    main: Mapping[str, Any] = {}
    for table in tables:
        for association in table.get("Associations", ()):
            if association.get("SubnetId") == subnet["SubnetId"]:
                return _route_everywhere(table)
            if association.get("Main"):
                main = table
    return _route_everywhere(main)


def _route_everywhere(table: Mapping[str, Any]) -> Mapping[str, Any] | None:
    routes = table.get("Routes", ())
    return next((item for item in routes if item.get("DestinationCidrBlock") == EVERYWHERE), None)


def _fault(route: Mapping[str, Any] | None) -> str:
    if route is None:
        return ""
    if str(route.get("GatewayId", "")).startswith(PUBLIC_ROUTE):
        return f"is public: its default route goes to {route['GatewayId']}"
    if route.get("State") == "blackhole":
        return "has a default route to what no longer exists"
    return ""


def _missing_endpoints(account: Account, vpc_id: str) -> list[str]:
    """The services that the stack uses and that the VPC has no usable endpoint of."""
    endpoints = account.list_items(
        "ec2",
        "describe_vpc_endpoints",
        "VpcEndpoints",
        Filters=[{"Name": "vpc-id", "Values": [vpc_id]}],
    )
    usable = {item["ServiceName"] for item in endpoints if _is_usable(item)}
    services = naming.endpoint_services(account.plan)
    if account.plan.platform.engine("orchestration") == "managed":
        services = {name: item for name, item in services.items() if name not in _AIRFLOW_ONLY}
    wanted = [naming.store_endpoint_service(account.plan), *services.values()]
    return [service for service in wanted if service not in usable]


def _is_usable(endpoint: Mapping[str, Any]) -> bool:
    is_gateway = endpoint.get("VpcEndpointType") == "Gateway"
    return is_gateway or bool(endpoint.get("PrivateDnsEnabled"))
