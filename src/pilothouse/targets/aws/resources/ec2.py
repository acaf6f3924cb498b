"""Amazon EC2's networking. EC2 takes no names, so permissions are scoped by the stack's tag."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial

from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.aws.resources import billing
from pilothouse.targets.aws.resources.calls import by, delete_by
from pilothouse.targets.aws.resources.declaration import (
    AwsResource,
    Permission,
    Quota,
    Stop,
    regional_arn,
)
from pilothouse.targets.aws.resources.ec2_calls import (
    Ec2Listing,
    attached_vpc,
    delete_in_batch,
    delete_internet_gateway,
    delete_route_table,
    delete_security_group,
    find,
    is_default,
    is_main,
)
from pilothouse.targets.shared.resource_table import FoundResource

VPC = "aws:ec2/vpc:Vpc"
WITHOUT_EGRESS = timedelta(hours=1)
"""After which time nothing needs a way out any more: MWAA takes up to an hour to be deleted."""
ADDRESS_FREE = WITHOUT_EGRESS + timedelta(minutes=30)
"""After which time a NAT gateway does not hold its address any more."""


def _fullest_zone(account: Account) -> int:
    """The NAT gateways in the zone that has most of them."""
    subnets = account.list_items("ec2", "describe_subnets", "Subnets")
    zones = {subnet["SubnetId"]: subnet["AvailabilityZone"] for subnet in subnets}
    gateways = account.list_items("ec2", "describe_nat_gateways", "NatGateways")
    counts = Counter(
        zones.get(gateway["SubnetId"])
        for gateway in gateways
        if gateway["State"] in ("pending", "available")
    )
    return max(counts.values(), default=0)


def _all_of(*kinds: str) -> list[str]:
    return [regional_arn("ec2", f"{kind}/*") for kind in kinds]


def _permissions(
    kind: str, create: str, change: str, read: str, needs: Sequence[str] = ()
) -> list[Permission]:
    """Create with the stack's tag, in `needs`; change only what has the tag."""
    own = _all_of(kind)
    return [
        Permission(actions=f"{create} ec2:CreateTags", on=own, required_tag="request"),
        Permission(actions=f"{change} ec2:DeleteTags", on=own, required_tag="resource"),
        Permission(actions=read),
        *([Permission(actions=create, on=_all_of(*needs))] if needs else []),
    ]


def _type(name: str) -> str:
    return f"aws:ec2/{name[0].lower()}{name[1:]}:{name}"


def _stop(
    operation: str,
    kind: str,
    arguments: Callable[[str], Mapping[str, object]],
    delay: timedelta,
    *,
    applies: Callable[[FoundResource], bool] = lambda _found: True,
) -> Stop:
    """What is the stack's own and not a service's; it holds no data, and an `up` makes it anew."""
    action = "".join(word.capitalize() for word in operation.split("_"))
    return Stop(
        service="ec2",
        operation=operation,
        action=f"ec2:{action}",
        on=regional_arn("ec2", f"{kind}/{{id}}"),
        arguments=arguments,
        applies=lambda _account, found: not found.is_inside and applies(found),
        delay=delay,
    )


def _resource(
    name: str,
    type_name: str,
    listing: Ec2Listing,
    delete: Callable[[Account, FoundResource], None],
    permissions: Sequence[Permission],
    quota: Quota | None = None,
    *,
    billed: billing.BillingRule | None = None,
    stop: Stop | None = None,
) -> AwsResource:
    return AwsResource(
        name=name,
        type=_type(type_name),
        find=partial(find, listing),
        delete=delete,
        permissions=permissions,
        list_actions=f"ec2:Describe{listing.key}",
        quota=quota,
        billing=billed or billing.free(),
        stop=stop,
    )


_RULE_PERMISSIONS = [
    Permission(
        actions="ec2:AuthorizeSecurityGroupIngress ec2:AuthorizeSecurityGroupEgress"
        " ec2:RevokeSecurityGroupIngress ec2:RevokeSecurityGroupEgress"
        " ec2:ModifySecurityGroupRules",
        on=_all_of("security-group"),
        required_tag="resource",
    ),
    Permission(
        actions="ec2:CreateTags ec2:AuthorizeSecurityGroupIngress ec2:AuthorizeSecurityGroupEgress",
        on=_all_of("security-group-rule"),
        required_tag="request",
    ),
    Permission(actions="ec2:DescribeSecurityGroupRules ec2:DescribeSecurityGroups"),
]
_VPCS = Ec2Listing(noun="Vpc")
_ADDRESSES = Ec2Listing(noun="Address", id_key="AllocationId")
_INTERNET_GATEWAYS = Ec2Listing(noun="InternetGateway", vpc_of=attached_vpc)

RESOURCES = (
    _resource(
        "NAT gateway",
        "NatGateway",
        Ec2Listing(noun="NatGateway"),
        delete_by("ec2", "delete_nat_gateway", "NatGatewayId"),
        _permissions(
            "natgateway",
            "ec2:CreateNatGateway",
            "ec2:DeleteNatGateway",
            "ec2:DescribeNatGateways",
            needs=["subnet", "elastic-ip"],
        ),
        Quota(service="vpc", name="NAT gateways per Availability Zone", count_used=_fullest_zone),
        billed=billing.NAT_GATEWAY,
        stop=_stop("delete_nat_gateway", "natgateway", by("NatGatewayId"), WITHOUT_EGRESS),
    ),
    _resource(
        "VPC endpoint",
        "VpcEndpoint",
        Ec2Listing(noun="VpcEndpoint"),
        delete_in_batch("delete_vpc_endpoints", "VpcEndpointIds"),
        _permissions(
            "vpc-endpoint",
            "ec2:CreateVpcEndpoint",
            "ec2:ModifyVpcEndpoint ec2:DeleteVpcEndpoints",
            "ec2:DescribeVpcEndpoints ec2:DescribePrefixLists",
            needs=["vpc", "subnet", "route-table", "security-group"],
        ),
        billed=billing.endpoint,
        stop=_stop(
            "delete_vpc_endpoints",
            "vpc-endpoint",
            lambda endpoint: {"VpcEndpointIds": [endpoint]},
            WITHOUT_EGRESS,
            applies=lambda found: found.attributes.get("VpcEndpointType") == "Interface",
        ),
    ),
    _resource(
        "flow log",
        "FlowLog",
        Ec2Listing(noun="FlowLog", vpc_of=lambda item: item.get("ResourceId", "")),
        delete_in_batch("delete_flow_logs", "FlowLogIds"),
        _permissions(
            "vpc-flow-log",
            "ec2:CreateFlowLogs",
            "ec2:DeleteFlowLogs",
            "ec2:DescribeFlowLogs",
            needs=["vpc"],
        ),
        billed=billing.free("its logs are among those of the platform"),
    ),
    AwsResource(
        name="network interface",
        find=partial(find, Ec2Listing(noun="NetworkInterface")),
        delete=delete_by("ec2", "delete_network_interface", "NetworkInterfaceId"),
        created_by=VPC,
        permissions=[
            Permission(actions="ec2:DeleteNetworkInterface", on=_all_of("network-interface"))
        ],
        list_actions="ec2:DescribeNetworkInterfaces",
    ),
    _resource(
        "elastic IP",
        "Eip",
        _ADDRESSES,
        delete_by("ec2", "release_address", "AllocationId"),
        _permissions(
            "elastic-ip",
            "ec2:AllocateAddress",
            "ec2:ReleaseAddress ec2:DisassociateAddress",
            "ec2:DescribeAddresses ec2:DescribeAddressesAttribute",
        ),
        Quota(service="ec2", name="EC2-VPC Elastic IPs", count_used=_ADDRESSES.count),
        billed=billing.ADDRESS,
        stop=_stop("release_address", "elastic-ip", by("AllocationId"), ADDRESS_FREE),
    ),
    _resource(
        "internet gateway",
        "InternetGateway",
        _INTERNET_GATEWAYS,
        delete_internet_gateway,
        [
            *_permissions(
                "internet-gateway",
                "ec2:CreateInternetGateway",
                "ec2:AttachInternetGateway ec2:DetachInternetGateway ec2:DeleteInternetGateway",
                "ec2:DescribeInternetGateways",
            ),
            Permission(
                actions="ec2:AttachInternetGateway ec2:DetachInternetGateway",
                on=_all_of("vpc"),
                required_tag="resource",
            ),
        ],
        Quota(
            service="vpc",
            name="Internet gateways per Region",
            count_used=_INTERNET_GATEWAYS.count,
        ),
    ),
    _resource(
        "security group",
        "SecurityGroup",
        Ec2Listing(noun="SecurityGroup", id_key="GroupId", is_skipped=is_default),
        delete_security_group,
        [
            *_permissions(
                "security-group",
                "ec2:CreateSecurityGroup",
                "ec2:DeleteSecurityGroup",
                "ec2:DescribeNetworkInterfaces",
                needs=["vpc"],
            ),
            *_RULE_PERMISSIONS,
        ],
    ),
    AwsResource(
        name="default security group",
        type=_type("DefaultSecurityGroup"),
        billing=billing.free(),
        setting_of=VPC,
        permissions=[
            *_RULE_PERMISSIONS,
            Permission(
                actions="ec2:CreateTags", on=_all_of("security-group"), required_tag="request"
            ),
            Permission(
                actions="ec2:DeleteTags", on=_all_of("security-group"), required_tag="resource"
            ),
        ],
    ),
    _resource(
        "subnet",
        "Subnet",
        Ec2Listing(noun="Subnet"),
        delete_by("ec2", "delete_subnet", "SubnetId"),
        _permissions(
            "subnet",
            "ec2:CreateSubnet",
            "ec2:ModifySubnetAttribute ec2:DeleteSubnet",
            "ec2:DescribeSubnets ec2:DescribeNetworkInterfaces",
            needs=["vpc"],
        ),
    ),
    _resource(
        "route table",
        "RouteTable",
        Ec2Listing(noun="RouteTable", is_skipped=is_main),
        delete_route_table,
        _permissions(
            "route-table",
            "ec2:CreateRouteTable",
            "ec2:DisassociateRouteTable ec2:DeleteRouteTable",
            "ec2:DescribeRouteTables",
            needs=["vpc"],
        ),
    ),
    _resource(
        "VPC",
        "Vpc",
        _VPCS,
        delete_by("ec2", "delete_vpc", "VpcId"),
        _permissions(
            "vpc",
            "ec2:CreateVpc",
            "ec2:ModifyVpcAttribute ec2:DeleteVpc",
            "ec2:DescribeVpcs ec2:DescribeVpcAttribute ec2:DescribeNetworkAcls"
            " ec2:DescribeRouteTables ec2:DescribeSecurityGroups",
        ),
        Quota(service="vpc", name="VPCs per Region", count_used=_VPCS.count),
    ),
)
"""In the order in which they can be deleted."""
