"""What a thing of the stack's consists of where the graph makes the parts one by one.

A part has no mark: it is the stack's if what it is a part of is in the state, and lost if no state
has it. Made again, it would be refused as already there. Whatever is said within the resource that
holds it, such as the rules in a security group's own inputs, is no part in this sense.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from pilothouse.targets.aws.resources.kinds import Found, Kind

if TYPE_CHECKING:
    from pilothouse.targets.aws.clients.account import Account

Recorded = Sequence[Mapping[str, Any]]

ROUTE = "aws:ec2/route:Route"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
INLINE = "aws:iam/rolePolicy:RolePolicy"
_TABLE = "aws:ec2/routeTable:RouteTable"
_ROLE = "aws:iam/role:Role"


def parts(recorded: Recorded) -> list[Kind]:
    """The kinds of parts, told by the state which are known."""
    return [
        Kind(name=name, types=(kind,), find=partial(find, recorded), remove=remove)
        for name, kind, find, remove in (
            ("route", ROUTE, _routes, _delete_route),
            ("route table association", ASSOCIATION, _associations, _disassociate),
            ("inline policy", INLINE, _inline, _delete_inline),
        )
    ]


def _outputs(recorded: Recorded, kind: str) -> list[Mapping[str, Any]]:
    return [each.get("outputs") or {} for each in recorded if each["type"] == kind]


def _whole(recorded: Recorded, kind: str, *inline: str) -> list[str]:
    """The ids of recorded things whose own inputs say nothing of their parts."""
    return [
        each["id"]
        for each in recorded
        if each["type"] == kind and each.get("id") and not _says(each, inline)
    ]


def _says(resource: Mapping[str, Any], keys: Sequence[str]) -> bool:
    return any((resource.get("inputs") or {}).get(key) for key in keys)


def _tables(account: Account, recorded: Recorded) -> Iterator[Any]:
    wanted = _whole(recorded, _TABLE, "routes")
    for each in account.listed("ec2", "describe_route_tables", "RouteTables"):
        if each["RouteTableId"] in wanted:
            yield each


def _routes(recorded: Recorded, account: Account) -> Iterator[Found]:
    known = {
        (each.get("routeTableId"), each.get("destinationCidrBlock"))
        for each in _outputs(recorded, ROUTE)
    }
    for table in _tables(account, recorded):
        for route in table["Routes"]:
            target = route.get("DestinationCidrBlock")  # a gateway endpoint's has a prefix list
            made = route.get("Origin") == "CreateRoute" and target
            if made and (table["RouteTableId"], target) not in known:
                name = f"{table['RouteTableId']} to {target}"
                about = {"RouteTableId": table["RouteTableId"], "DestinationCidrBlock": target}
                yield Found(id=name, name=name, about=about)


def _delete_route(account: Account, found: Found) -> None:
    account.client("ec2").delete_route(**found.about)


def _associations(recorded: Recorded, account: Account) -> Iterator[Found]:
    for table in _tables(account, recorded):
        for each in table.get("Associations") or ():
            if not each.get("Main"):
                name = f"{table['RouteTableId']} with {each.get('SubnetId', 'a gateway')}"
                yield Found(id=each["RouteTableAssociationId"], name=name)


def _disassociate(account: Account, found: Found) -> None:
    account.client("ec2").disassociate_route_table(AssociationId=found.id)


def _inline(recorded: Recorded, account: Account) -> Iterator[Found]:
    for role in _whole(recorded, _ROLE, "inlinePolicies"):
        for name in account.listed("iam", "list_role_policies", "PolicyNames", RoleName=role):
            about = {"RoleName": role, "PolicyName": name}
            yield Found(id=f"{role}:{name}", name=f"{name} of {role}", about=about)


def _delete_inline(account: Account, found: Found) -> None:
    account.client("iam").delete_role_policy(**found.about)
