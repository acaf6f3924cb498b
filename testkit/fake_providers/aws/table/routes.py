"""Route tables, their routes, and which subnets they are of."""

from __future__ import annotations

from collections.abc import Mapping

from testkit.fake_providers.aws.entry import Call, Entry, Put, Read
from testkit.fake_providers.aws.table import tagging

_TARGET = (
    "{RouteTableId: in.routeTableId, DestinationCidrBlock: in.destinationCidrBlock, "
    "GatewayId: in.gatewayId, NatGatewayId: in.natGatewayId}"
)

TABLE: Mapping[str, Entry] = {
    "aws:ec2/routeTable:RouteTable": Entry(
        service="ec2",
        create=Call(
            operation="create_route_table",
            request=f"{{VpcId: in.vpcId, TagSpecifications: {tagging.ec2('route-table')}}}",
        ),
        id="made.RouteTable.RouteTableId",
        reads=(
            Read(
                operation="describe_route_tables", request="{RouteTableIds: [id]}",
                pick="RouteTables[0]",
            ),
        ),
        seen={"tags": "mapped(it.Tags)", "vpcId": "it.VpcId"},
        outputs={
            "ownerId": "it.OwnerId",
            "arn": "join('', ['arn:aws:ec2:', region, ':', account, ':route-table/', id])",
        },
        delete=(Call(operation="delete_route_table", request="{RouteTableId: id}"),),
        tags=tagging.EC2,
    ),
    "aws:ec2/route:Route": Entry(
        service="ec2",
        create=Call(operation="create_route", request=_TARGET),
        id="join('_', [in.routeTableId, in.destinationCidrBlock])",
        reads=(
            Read(
                operation="describe_route_tables",
                request="{RouteTableIds: [before(id, '_')]}",
                pick="chosen(RouteTables[0].Routes, 'DestinationCidrBlock', after(id, '_'))",
            ),
        ),
        seen={
            "routeTableId": "before(id, '_')", "destinationCidrBlock": "it.DestinationCidrBlock",
            "gatewayId": "it.GatewayId", "natGatewayId": "it.NatGatewayId",
        },
        outputs={"state": "it.State", "origin": "it.Origin"},
        puts=(Put(calls=(Call(operation="replace_route", request=_TARGET),), on_create=False),),
        replaces=("routeTableId", "destinationCidrBlock"),
        names=("routeTableId", "destinationCidrBlock"),
        delete=(
            Call(
                operation="delete_route",
                request="{RouteTableId: before(id, '_'), DestinationCidrBlock: after(id, '_')}",
            ),
        ),
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Entry(
        service="ec2",
        create=Call(
            operation="associate_route_table",
            request="{RouteTableId: in.routeTableId, SubnetId: in.subnetId}",
        ),
        id="made.AssociationId",
        reads=(
            Read(
                operation="describe_route_tables",
                request="{Filters: [{Name: 'association.route-table-association-id', "
                "Values: [id]}]}",
                pick="chosen(RouteTables[0].Associations, 'RouteTableAssociationId', id)",
            ),
        ),
        seen={"routeTableId": "it.RouteTableId", "subnetId": "it.SubnetId"},
        names=("subnetId",),
        delete=(Call(operation="disassociate_route_table", request="{AssociationId: id}"),),
    ),
}  # fmt: skip
