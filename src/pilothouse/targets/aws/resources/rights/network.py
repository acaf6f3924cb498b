"""What each type of a network needs: EC2 gives no names, so a tag tells what is the stack's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pilothouse.targets.aws.resources.rights.right import EC2, Right


def _ec2(kind: str, create: str, change: str, read: str, needs: Sequence[str] = ()) -> list[Right]:
    """A kind that EC2 makes: created with the stack's tag, changed only if it bears it."""
    own = f"{EC2}{kind}/*"
    return [
        Right(actions=f"{create} ec2:CreateTags", on=[own], tagged="request"),
        Right(actions=f"{change} ec2:DeleteTags", on=[own], tagged="resource"),
        Right(actions=read),
        *([Right(actions=create, on=[f"{EC2}{need}/*" for need in needs])] if needs else []),
    ]


_RULES = [
    Right(
        actions="ec2:AuthorizeSecurityGroupIngress ec2:AuthorizeSecurityGroupEgress"
        " ec2:RevokeSecurityGroupIngress ec2:RevokeSecurityGroupEgress"
        " ec2:ModifySecurityGroupRules",
        on=[f"{EC2}security-group/*"],
        tagged="resource",
    ),
    Right(
        actions="ec2:CreateTags ec2:AuthorizeSecurityGroupIngress ec2:AuthorizeSecurityGroupEgress",
        on=[f"{EC2}security-group-rule/*"],
        tagged="request",
    ),
    Right(actions="ec2:DescribeSecurityGroupRules ec2:DescribeSecurityGroups"),
]


NETWORK: Mapping[str, Sequence[Right]] = {
    "aws:ec2/vpc:Vpc": _ec2(
        "vpc",
        "ec2:CreateVpc",
        "ec2:ModifyVpcAttribute ec2:DeleteVpc",
        "ec2:DescribeVpcs ec2:DescribeVpcAttribute ec2:DescribeNetworkAcls"
        " ec2:DescribeRouteTables ec2:DescribeSecurityGroups",
    ),
    "aws:ec2/subnet:Subnet": _ec2(
        "subnet",
        "ec2:CreateSubnet",
        "ec2:ModifySubnetAttribute ec2:DeleteSubnet",
        "ec2:DescribeSubnets ec2:DescribeNetworkInterfaces",
        needs=["vpc"],
    ),
    "aws:ec2/internetGateway:InternetGateway": [
        *_ec2(
            "internet-gateway",
            "ec2:CreateInternetGateway",
            "ec2:AttachInternetGateway ec2:DetachInternetGateway ec2:DeleteInternetGateway",
            "ec2:DescribeInternetGateways",
        ),
        Right(
            actions="ec2:AttachInternetGateway ec2:DetachInternetGateway",
            on=[f"{EC2}vpc/*"],
            tagged="resource",
        ),
    ],
    "aws:ec2/eip:Eip": [
        *_ec2(
            "elastic-ip",
            "ec2:AllocateAddress",
            "ec2:ReleaseAddress ec2:DisassociateAddress",
            "ec2:DescribeAddresses ec2:DescribeAddressesAttribute",
        ),
    ],
    "aws:ec2/natGateway:NatGateway": _ec2(
        "natgateway",
        "ec2:CreateNatGateway",
        "ec2:DeleteNatGateway",
        "ec2:DescribeNatGateways",
        needs=["subnet", "elastic-ip"],
    ),
    "aws:ec2/routeTable:RouteTable": _ec2(
        "route-table",
        "ec2:CreateRouteTable",
        "ec2:DisassociateRouteTable ec2:DeleteRouteTable",
        "ec2:DescribeRouteTables",
        needs=["vpc"],
    ),
    "aws:ec2/route:Route": [
        Right(
            actions="ec2:CreateRoute ec2:ReplaceRoute ec2:DeleteRoute",
            on=[f"{EC2}route-table/*"],
            tagged="resource",
        ),
        Right(actions="ec2:DescribeRouteTables"),
    ],
    "aws:ec2/routeTableAssociation:RouteTableAssociation": [
        Right(
            actions="ec2:AssociateRouteTable ec2:DisassociateRouteTable"
            " ec2:ReplaceRouteTableAssociation",
            on=[f"{EC2}route-table/*", f"{EC2}subnet/*"],
            tagged="resource",
        ),
        Right(actions="ec2:DescribeRouteTables"),
    ],
    "aws:ec2/securityGroup:SecurityGroup": [
        *_ec2(
            "security-group",
            "ec2:CreateSecurityGroup",
            "ec2:DeleteSecurityGroup",
            "ec2:DescribeNetworkInterfaces",
            needs=["vpc"],
        ),
        *_RULES,
    ],
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": [
        *_RULES,
        Right(actions="ec2:CreateTags", on=[f"{EC2}security-group/*"], tagged="request"),
        Right(actions="ec2:DeleteTags", on=[f"{EC2}security-group/*"], tagged="resource"),
    ],
    "aws:ec2/vpcEndpoint:VpcEndpoint": _ec2(
        "vpc-endpoint",
        "ec2:CreateVpcEndpoint",
        "ec2:ModifyVpcEndpoint ec2:DeleteVpcEndpoints",
        "ec2:DescribeVpcEndpoints ec2:DescribePrefixLists",
        needs=["vpc", "subnet", "route-table", "security-group"],
    ),
    "aws:ec2/flowLog:FlowLog": _ec2(
        "vpc-flow-log",
        "ec2:CreateFlowLogs",
        "ec2:DeleteFlowLogs",
        "ec2:DescribeFlowLogs",
        needs=["vpc"],
    ),
}
