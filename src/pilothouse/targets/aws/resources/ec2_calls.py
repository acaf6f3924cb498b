"""EC2's calls: they list what has the stack's name or tags or is in a VPC that has, and delete."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pilothouse.targets.aws.clients.account import Account, tags_by_key
from pilothouse.targets.aws.resources.calls import count
from pilothouse.targets.shared.resource_table import FoundResource

Item = Mapping[str, Any]
DELETED = ("deleted",)


@dataclass(frozen=True, kw_only=True)
class Ec2Listing:
    """How EC2 lists a type: what it calls one, and the key of the id where that is another."""

    noun: str
    id_key: str = ""
    vpc_of: Callable[[Item], str] = lambda item: item.get("VpcId", "")
    is_skipped: Callable[[Item], bool] = lambda _item: False

    @property
    def key(self) -> str:
        """The key of the items."""
        return f"{self.noun}es" if self.noun.endswith("s") else f"{self.noun}s"

    @property
    def operation(self) -> str:
        """The call, as boto3 names it."""
        return "describe" + re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", self.key)

    @property
    def count(self) -> Callable[[Account], int]:
        """Counts everything in the account."""
        return count("ec2", self.operation, self.key)

    def id_of(self, item: Item) -> str:
        """The id of an item."""
        return str(item[self.id_key or f"{self.noun}Id"])


def find(listing: Ec2Listing, account: Account) -> Iterator[FoundResource]:
    vpcs = stack_vpcs(account)
    for item in account.list_items("ec2", listing.operation, listing.key):
        tags = tags_by_key(item.get("Tags") or item.get("TagSet") or ())
        is_own = account.belongs_to_stack(tags.get("Name", ""), tags=tags)
        state = item.get("State") or item.get("Status") or ""
        if state in DELETED or listing.is_skipped(item):
            continue
        if is_own or listing.vpc_of(item) in vpcs:
            yield FoundResource(
                id=listing.id_of(item),
                name=tags.get("Name", listing.id_of(item)),
                detail=state,
                is_deleting=state == "deleting",
                is_inside=not is_own,
                attributes=item,
            )


def stack_vpcs(account: Account) -> frozenset[str]:
    """The ids of the stack's own VPCs: everything in them is the stack's."""
    vpcs = account.list_items("ec2", "describe_vpcs", "Vpcs")
    return frozenset(vpc["VpcId"] for vpc in vpcs if _is_own(account, vpc))


def _is_own(account: Account, item: Item) -> bool:
    tags = tags_by_key(item.get("Tags") or ())
    return account.belongs_to_stack(tags.get("Name", ""), tags=tags)


def attached_vpc(gateway: Item) -> str:
    return next((attached["VpcId"] for attached in gateway.get("Attachments") or ()), "")


def is_main(table: Item) -> bool:
    """Whether a route table is its VPC's main one, which is deleted with it."""
    return any(association.get("Main") for association in table.get("Associations") or ())


def is_default(group: Item) -> bool:
    return bool(group["GroupName"] == "default")


def delete_in_batch(operation: str, argument: str) -> Callable[[Account, FoundResource], None]:
    """A call that takes many ids and reports failures in its answer."""

    def delete(account: Account, found: FoundResource) -> None:
        from botocore.exceptions import ClientError

        answer = getattr(account.client("ec2"), operation)(**{argument: [found.id]})
        for failure in answer.get("Unsuccessful") or ():
            raise ClientError({"Error": failure["Error"]}, operation)

    return delete


def delete_internet_gateway(account: Account, gateway: FoundResource) -> None:
    ec2 = account.client("ec2")
    if vpc := attached_vpc(gateway.attributes):
        ec2.detach_internet_gateway(InternetGatewayId=gateway.id, VpcId=vpc)
    ec2.delete_internet_gateway(InternetGatewayId=gateway.id)


def delete_route_table(account: Account, table: FoundResource) -> None:
    ec2 = account.client("ec2")
    for association in table.attributes.get("Associations") or ():
        ec2.disassociate_route_table(AssociationId=association["RouteTableAssociationId"])
    ec2.delete_route_table(RouteTableId=table.id)


def delete_security_group(account: Account, group: FoundResource) -> None:
    """Two groups that refer to each other can be deleted once these rules are revoked."""
    ec2 = account.client("ec2")
    for key, revoke in (
        ("IpPermissions", ec2.revoke_security_group_ingress),
        ("IpPermissionsEgress", ec2.revoke_security_group_egress),
    ):
        rules = [
            _reference_rule(rule)
            for rule in group.attributes.get(key) or ()
            if rule["UserIdGroupPairs"]
        ]
        if rules:
            _revoke(revoke, group.id, rules)
    ec2.delete_security_group(GroupId=group.id)


def _revoke(revoke: Callable[..., object], group: str, rules: list[dict[str, Any]]) -> None:
    """Revoke rules of a group; one that refers to a deleted group blocks nothing."""
    from botocore.exceptions import ClientError

    try:
        revoke(GroupId=group, IpPermissions=rules)
    except ClientError as error:
        if error.response["Error"]["Code"] != "InvalidGroup.NotFound":
            raise


def _reference_rule(rule: Item) -> dict[str, Any]:
    keys = ("IpProtocol", "FromPort", "ToPort", "UserIdGroupPairs")
    return {key: rule[key] for key in keys if key in rule}
