"""Routes and associations of EC2's route tables, where the graph creates them one by one.

A route and an association have no tags: they are found in the recorded route tables. Routes that a
table's own inputs define are no resources of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.aws.resources import billing
from pilothouse.targets.aws.resources.calls import delete_by
from pilothouse.targets.aws.resources.declaration import AwsResource, Permission, regional_arn
from pilothouse.targets.shared.resource_table import FoundResource, RecordedState

ROUTE = "aws:ec2/route:Route"
ROUTE_TABLE = "aws:ec2/routeTable:RouteTable"


def _recorded_tables(account: Account, recorded: RecordedState) -> Iterator[Any]:
    """The route tables of the state whose own inputs do not define their routes."""
    ids = [
        table["id"]
        for table in recorded
        if table["type"] == ROUTE_TABLE
        and table.get("id")
        and not (table.get("inputs") or {}).get("routes")
    ]
    for table in account.list_items("ec2", "describe_route_tables", "RouteTables"):
        if table["RouteTableId"] in ids:
            yield table


def _find_routes(account: Account, recorded: RecordedState) -> Iterator[FoundResource]:
    """Unrecorded routes: the state's ids of routes are not EC2's."""
    outputs = [route.get("outputs") or {} for route in recorded if route["type"] == ROUTE]
    known = {(route.get("routeTableId"), route.get("destinationCidrBlock")) for route in outputs}
    for table in _recorded_tables(account, recorded):
        for route in table["Routes"]:
            block = route.get("DestinationCidrBlock")  # a gateway endpoint's has a prefix list
            is_created = route.get("Origin") == "CreateRoute" and block
            if is_created and (table["RouteTableId"], block) not in known:
                name = f"{table['RouteTableId']} to {block}"
                attributes = {"RouteTableId": table["RouteTableId"], "DestinationCidrBlock": block}
                yield FoundResource(id=name, name=name, attributes=attributes)


def _find_associations(account: Account, recorded: RecordedState) -> Iterator[FoundResource]:
    for table in _recorded_tables(account, recorded):
        for association in table.get("Associations") or ():
            if not association.get("Main"):
                name = f"{table['RouteTableId']} with {association.get('SubnetId', 'a gateway')}"
                yield FoundResource(id=association["RouteTableAssociationId"], name=name)


def _delete_route(account: Account, route: FoundResource) -> None:
    account.client("ec2").delete_route(**route.attributes)


RESOURCES = (
    AwsResource(
        name="route",
        type=ROUTE,
        billing=billing.free(),
        find_children=_find_routes,
        delete=_delete_route,
        permissions=[
            Permission(
                actions="ec2:CreateRoute ec2:ReplaceRoute ec2:DeleteRoute",
                on=[regional_arn("ec2", "route-table/*")],
                required_tag="resource",
            ),
            Permission(actions="ec2:DescribeRouteTables"),
        ],
    ),
    AwsResource(
        name="route table association",
        type="aws:ec2/routeTableAssociation:RouteTableAssociation",
        billing=billing.free(),
        find_children=_find_associations,
        delete=delete_by("ec2", "disassociate_route_table", "AssociationId"),
        permissions=[
            Permission(
                actions="ec2:AssociateRouteTable ec2:DisassociateRouteTable"
                " ec2:ReplaceRouteTableAssociation",
                on=[regional_arn("ec2", "route-table/*"), regional_arn("ec2", "subnet/*")],
                required_tag="resource",
            ),
            Permission(actions="ec2:DescribeRouteTables"),
        ],
    ),
)
