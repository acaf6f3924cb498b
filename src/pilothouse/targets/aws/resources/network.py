"""A VPC and what is in it: what bears the stack's marks, and what lies in a VPC that does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from pilothouse.targets.aws.clients.account import plain_tags
from pilothouse.targets.aws.resources.kinds import Found, Kind

if TYPE_CHECKING:
    from pilothouse.targets.aws.clients.account import Account

Item = Mapping[str, Any]
GONE = ("deleted",)


@dataclass(frozen=True, kw_only=True)
class _Listed:
    """How EC2 lists a kind: the call, the key of its items, the key of their ids."""

    call: str
    key: str
    id: str
    vpc: Callable[[Item], str] = lambda item: item.get("VpcId", "")
    skips: Callable[[Item], bool] = lambda _item: False


def _find(listed: _Listed, account: Account) -> Iterator[Found]:
    own = vpcs(account)
    for item in account.listed("ec2", listed.call, listed.key):
        tags = plain_tags(item.get("Tags") or item.get("TagSet") or ())
        marked = account.owns(tags.get("Name", ""), tags=tags)
        state = item.get("State") or item.get("Status") or ""
        if (marked or listed.vpc(item) in own) and state not in GONE and not listed.skips(item):
            yield Found(
                id=item[listed.id],
                name=tags.get("Name", item[listed.id]),
                detail=state,
                going=state == "deleting",
                inside=not marked,
                about=item,
            )


def vpcs(account: Account) -> frozenset[str]:
    """The ids of the stack's own VPCs: all that is in them is the stack's."""
    found = account.listed("ec2", "describe_vpcs", "Vpcs")
    return frozenset(item["VpcId"] for item in found if _is_marked(account, item))


def _is_marked(account: Account, item: Item) -> bool:
    tags = plain_tags(item.get("Tags") or ())
    return account.owns(tags.get("Name", ""), tags=tags)


def _attached(gateway: Item) -> str:
    return next((each["VpcId"] for each in gateway.get("Attachments") or ()), "")


def _is_main(table: Item) -> bool:
    """Of a VPC, with which it goes."""
    return any(each.get("Main") for each in table.get("Associations") or ())


def _is_default(group: Item) -> bool:
    return bool(group["GroupName"] == "default")


def _delete(operation: str, argument: str, account: Account, found: Found) -> None:
    getattr(account.client("ec2"), operation)(**{argument: found.id})


def _delete_of_many(operation: str, argument: str, account: Account, found: Found) -> None:
    """For calls that take many ids and say what they could not do in their answer."""
    from botocore.exceptions import ClientError

    answer = getattr(account.client("ec2"), operation)(**{argument: [found.id]})
    for failed in answer.get("Unsuccessful") or ():
        raise ClientError({"Error": failed["Error"]}, operation)


def _delete_internet_gateway(account: Account, found: Found) -> None:
    ec2 = account.client("ec2")
    if vpc := _attached(found.about):
        ec2.detach_internet_gateway(InternetGatewayId=found.id, VpcId=vpc)
    ec2.delete_internet_gateway(InternetGatewayId=found.id)


def _delete_route_table(account: Account, found: Found) -> None:
    ec2 = account.client("ec2")
    for each in found.about.get("Associations") or ():
        ec2.disassociate_route_table(AssociationId=each["RouteTableAssociationId"])
    ec2.delete_route_table(RouteTableId=found.id)


def _delete_security_group(account: Account, found: Found) -> None:
    """Two groups that name each other can't be deleted before their rules are."""
    ec2 = account.client("ec2")
    for key, revoke in (
        ("IpPermissions", ec2.revoke_security_group_ingress),
        ("IpPermissionsEgress", ec2.revoke_security_group_egress),
    ):
        naming = [_naming(rule) for rule in found.about.get(key) or () if rule["UserIdGroupPairs"]]
        if naming:
            _revoke(revoke, found.id, naming)
    ec2.delete_security_group(GroupId=found.id)


def _revoke(revoke: Callable[..., object], group: str, rules: list[dict[str, Any]]) -> None:
    """Take rules from a group; one that names what has just gone holds nothing any more."""
    from botocore.exceptions import ClientError

    try:
        revoke(GroupId=group, IpPermissions=rules)
    except ClientError as error:
        if error.response["Error"]["Code"] != "InvalidGroup.NotFound":
            raise


def _naming(rule: Item) -> dict[str, Any]:
    kept = ("IpProtocol", "FromPort", "ToPort", "UserIdGroupPairs")
    return {key: rule[key] for key in kept if key in rule}


KINDS = (
    Kind(
        name="NAT gateway",
        types=("aws:ec2/natGateway:NatGateway",),
        find=partial(
            _find, _Listed(call="describe_nat_gateways", key="NatGateways", id="NatGatewayId")
        ),
        remove=partial(_delete, "delete_nat_gateway", "NatGatewayId"),
    ),
    Kind(
        name="VPC endpoint",
        types=("aws:ec2/vpcEndpoint:VpcEndpoint",),
        find=partial(
            _find, _Listed(call="describe_vpc_endpoints", key="VpcEndpoints", id="VpcEndpointId")
        ),
        remove=partial(_delete_of_many, "delete_vpc_endpoints", "VpcEndpointIds"),
    ),
    Kind(
        name="flow log",
        types=("aws:ec2/flowLog:FlowLog",),
        find=partial(
            _find,
            _Listed(
                call="describe_flow_logs",
                key="FlowLogs",
                id="FlowLogId",
                vpc=lambda item: item.get("ResourceId", ""),
            ),
        ),
        remove=partial(_delete_of_many, "delete_flow_logs", "FlowLogIds"),
    ),
    Kind(
        name="network interface",
        find=partial(
            _find,
            _Listed(
                call="describe_network_interfaces",
                key="NetworkInterfaces",
                id="NetworkInterfaceId",
            ),
        ),
        remove=partial(_delete, "delete_network_interface", "NetworkInterfaceId"),
    ),
    Kind(
        name="elastic IP",
        types=("aws:ec2/eip:Eip",),
        find=partial(_find, _Listed(call="describe_addresses", key="Addresses", id="AllocationId")),
        remove=partial(_delete, "release_address", "AllocationId"),
    ),
    Kind(
        name="internet gateway",
        types=("aws:ec2/internetGateway:InternetGateway",),
        find=partial(
            _find,
            _Listed(
                call="describe_internet_gateways",
                key="InternetGateways",
                id="InternetGatewayId",
                vpc=_attached,
            ),
        ),
        remove=_delete_internet_gateway,
    ),
    Kind(
        name="security group",
        types=("aws:ec2/securityGroup:SecurityGroup",),
        find=partial(
            _find,
            _Listed(
                call="describe_security_groups",
                key="SecurityGroups",
                id="GroupId",
                skips=_is_default,
            ),
        ),
        remove=_delete_security_group,
    ),
    Kind(
        name="subnet",
        types=("aws:ec2/subnet:Subnet",),
        find=partial(_find, _Listed(call="describe_subnets", key="Subnets", id="SubnetId")),
        remove=partial(_delete, "delete_subnet", "SubnetId"),
    ),
    Kind(
        name="route table",
        types=("aws:ec2/routeTable:RouteTable",),
        find=partial(
            _find,
            _Listed(
                call="describe_route_tables",
                key="RouteTables",
                id="RouteTableId",
                skips=_is_main,
            ),
        ),
        remove=_delete_route_table,
    ),
    Kind(
        name="VPC",
        types=("aws:ec2/vpc:Vpc",),
        find=partial(_find, _Listed(call="describe_vpcs", key="Vpcs", id="VpcId")),
        remove=partial(_delete, "delete_vpc", "VpcId"),
    ),
)
"""In the order in which they can be deleted."""
