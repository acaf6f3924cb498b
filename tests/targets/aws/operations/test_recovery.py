"""What a killed run made and no state has is removed before the engine runs; the rest stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from testkit.support.clock import ManualClock

from pilothouse.errors import PilothouseError
from pilothouse.targets.aws import naming
from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.aws.resources import TABLE
from pilothouse.targets.aws.resources.declaration import AwsResource
from pilothouse.targets.shared import inventory, recovery
from tests.targets.aws import planting
from tests.targets.aws.conftest import HoldFirst
from tests.targets.aws.operations.test_deployer_policy import types
from tests.targets.aws.teardown import everything, verdicts

Resource = dict[str, Any]
LISTED = {declared.type: declared for declared in TABLE.listed if declared.type}
PLANTS: Mapping[str, Callable[[Account], object]] = {
    kind: planting.PLANTS[found.name]
    for kind, found in LISTED.items()
    if found.name in planting.PLANTS
}

LOST = ("aws:ec2/natGateway:NatGateway", "aws:ecr/repository:Repository", "aws:iam/role:Role")
LEAVES = [kind for kind in PLANTS if kind != "aws:sagemaker/domain:Domain"]
"""A domain is planted with things in it, which a lost one can't have."""


def remove(
    account: Account, began: Sequence[str] | None, recorded: Sequence[Resource] = ()
) -> list[str]:
    return recovery.remove_orphans(account, TABLE, began, recorded, clock=ManualClock().clock)


def found_of(account: Account, declared: AwsResource) -> list[str]:
    return [
        found.id
        for found in inventory.find(account, declared)
        if not found.scheduled_deletion and not found.is_inside
    ]


def recorded_of(account: Account, *types: str) -> list[Resource]:
    """The state's resources as a run that was not killed would have left them."""
    return [
        {"urn": f"urn:{kind}::{number}", "type": kind, "id": made, "inputs": {}, "outputs": {}}
        for kind in types or LISTED
        for number, made in enumerate(found_of(account, LISTED[kind]))
    ]


def whole_state_of(account: Account) -> list[Resource]:
    """With the parts of what is there."""
    state = recorded_of(account)
    found = [
        (child.type, found.id)
        for child in TABLE.children
        for found in inventory.find(account, child.in_parents(state))
    ]
    return [*state, *(state_of(kind, made) for kind, made in found)]


@pytest.mark.parametrize("kind", LEAVES)
def test_what_one_create_made_is_found_and_removed(account: Account, kind: str) -> None:
    PLANTS[kind](account)
    (made,) = found_of(account, LISTED[kind])
    (said,) = remove(account, [kind])
    assert LISTED[kind].name in said
    assert made in said
    assert found_of(account, LISTED[kind]) == []


@pytest.mark.parametrize("kind", PLANTS)
def test_what_the_state_has_stays(account: Account, kind: str) -> None:
    PLANTS[kind](account)
    state = whole_state_of(account)
    before = verdicts(account)
    assert remove(account, [kind], state) == []
    assert remove(account, None, state) == []
    assert verdicts(account) == before


def test_every_type_of_the_graph_that_is_no_setting_is_planted_here() -> None:
    children = {child.type for child in TABLE.children}
    settings = {declared.type for declared in TABLE if declared.setting_of}
    inside_a_domain = {"aws:sagemaker/userProfile:UserProfile"}
    wanted = set(types()) - settings - children - inside_a_domain
    assert wanted <= set(PLANTS)


def test_a_domain_that_no_state_has_is_removed_with_its_file_system(account: Account) -> None:
    planting.empty_domain(account)
    remove(account, ["aws:sagemaker/domain:Domain"])
    assert not {"present domain", "present file system"} & set(verdicts(account))


def test_a_profile_is_removed_from_a_domain_that_the_state_has(account: Account) -> None:
    planting.domain(account)
    kind = "aws:sagemaker/userProfile:UserProfile"
    remove(account, [kind], recorded_of(account, "aws:sagemaker/domain:Domain"))
    assert found_of(account, LISTED[kind]) == []
    assert "present domain" in verdicts(account)


def test_a_profile_whose_id_in_the_state_is_its_arn_stays(account: Account) -> None:
    planting.domain(account)
    kind = "aws:sagemaker/userProfile:UserProfile"
    (profile,) = inventory.find(account, LISTED[kind])
    assert remove(account, [kind], [{"urn": "u", "type": kind, "id": profile.full_name}]) == []


def test_after_a_killed_run_every_kind_is_looked_for(account: Account) -> None:
    everything(account)
    state = whole_state_of(account)
    lost = [resource for resource in state if resource["type"] in LOST]
    assert len(lost) == len(LOST)
    removed = remove(account, None, [resource for resource in state if resource not in lost])
    assert len(removed) == len(LOST)
    assert {resource["id"] for resource in state} - {
        item["id"] for item in whole_state_of(account)
    } == {resource["id"] for resource in state if resource in lost or resource["type"] == INLINE}


def test_of_two_alike_the_one_that_no_state_has_goes(account: Account) -> None:
    """As after a replacement that was killed: the old one is recorded, the new one is not."""
    vpc = planting.vpc(account)
    old, new = planting.subnet(account, vpc, 1), planting.subnet(account, vpc, 2)
    kind = "aws:ec2/subnet:Subnet"
    state = [{"urn": "u", "type": kind, "id": old}, *recorded_of(account, "aws:ec2/vpc:Vpc")]
    (said,) = remove(account, [kind], state)
    assert new in said
    assert found_of(account, LISTED[kind]) == [old]


def test_what_did_not_begin_stays_though_no_state_has_it(account: Account) -> None:
    planting.elastic_ip(account)
    planting.repository(account)
    remove(account, ["aws:ec2/eip:Eip"])
    assert verdicts(account) == ["present image repository"]


def test_nothing_of_another_stack_and_nothing_that_a_service_made_goes(
    account: Account, account_of_other: Account
) -> None:
    everything(account_of_other)
    vpc = planting.vpc(account)
    planting.security_group(account, vpc, "security-group-for-inbound-nfs-d-1")
    theirs, ours = verdicts(account_of_other), verdicts(account)
    assert remove(account, None, recorded_of(account, "aws:ec2/vpc:Vpc")) == []
    assert (verdicts(account_of_other), verdicts(account)) == (theirs, ours)


@pytest.mark.parametrize("role", ["data", "artifacts"])
@pytest.mark.parametrize("began", [["aws:s3/bucket:Bucket"], None])
def test_a_bucket_of_data_that_is_not_empty_is_refused_and_nothing_is_removed(
    account: Account, role: str, began: list[str] | None
) -> None:
    name = planting.bucket(account, role)
    planting.objects(account, name)
    account.client("s3").delete_object(Bucket=name, Key="data.csv")
    planting.elastic_ip(account)
    with pytest.raises(PilothouseError, match="holds objects") as caught:
        remove(account, began)
    assert name in str(caught.value)
    assert f"pulumi import aws:s3/bucket:Bucket NAME {name}" in str(caught.value)
    assert verdicts(account) == ["present bucket", "present elastic IP"]


def test_a_bucket_of_data_that_is_empty_goes(account: Account) -> None:
    planting.bucket(account, "data")
    remove(account, ["aws:s3/bucket:Bucket"])
    assert verdicts(account) == []


def test_the_bucket_of_dags_goes_with_what_the_stack_put_there(account: Account) -> None:
    planting.dag_file(account, naming.SOURCE_FILES["dag"])
    remove(account, ["aws:s3/bucket:Bucket"])
    assert verdicts(account) == []


def test_a_bucket_with_the_team_s_dags_is_refused(account: Account) -> None:
    planting.dag_file(account)
    with pytest.raises(PilothouseError, match="holds DAG files of the team"):
        remove(account, ["aws:s3/bucket:Bucket"])
    assert verdicts(account) == ["present DAG file", "present bucket"]


def test_a_registry_with_models_is_refused(account: Account) -> None:
    planting.package(account, planting.package_group(account))
    with pytest.raises(PilothouseError, match="holds model versions"):
        remove(account, None)
    assert "present model package group" in verdicts(account)


# Parts, which have no marks.


def state_of(kind: str, made: str, **inputs: Any) -> Resource:
    return {"urn": f"urn:{kind}", "type": kind, "id": made, "inputs": inputs, "outputs": inputs}


ROUTE, ROUTE_TABLE = "aws:ec2/route:Route", "aws:ec2/routeTable:RouteTable"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
ROLE, INLINE = "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"


def routed(account: Account) -> tuple[str, str, str]:
    """A route table with a route to an internet gateway and a subnet in it."""
    ec2, vpc = account.client("ec2"), planting.vpc(account)
    gateway, table = planting.internet_gateway(account, vpc), planting.route_table(account, vpc)
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    made = ec2.associate_route_table(RouteTableId=table, SubnetId=planting.subnet(account, vpc))
    return table, gateway, made["AssociationId"]


def routes(account: Account, table: str) -> list[str]:
    found = account.client("ec2").describe_route_tables(RouteTableIds=[table])["RouteTables"][0]
    return [route["DestinationCidrBlock"] for route in found["Routes"]]


@pytest.mark.parametrize("began", [[ROUTE], None])
def test_a_route_that_no_state_has_is_removed_from_a_table_that_it_has(
    account: Account, began: list[str] | None
) -> None:
    table, _, association = routed(account)
    state = [*recorded_of(account), state_of(ASSOCIATION, association)]
    remove(account, began, state)
    assert routes(account, table) == ["10.42.0.0/16"]


def test_a_route_that_the_state_has_stays(account: Account) -> None:
    table, _, association = routed(account)
    known = state_of(ROUTE, "r-1", routeTableId=table, destinationCidrBlock="0.0.0.0/0")
    state = [*recorded_of(account), state_of(ASSOCIATION, association), known]
    assert remove(account, None, state) == []


def test_routes_that_a_table_says_itself_stay(account: Account) -> None:
    table, gateway, _ = routed(account)
    inline = [{"cidrBlock": "0.0.0.0/0", "gatewayId": gateway}]
    assert remove(account, [ROUTE], [state_of(ROUTE_TABLE, table, routes=inline)]) == []


def test_an_association_that_no_state_has_is_removed(account: Account) -> None:
    table, _, _ = routed(account)
    known = state_of(ROUTE, "r-1", routeTableId=table, destinationCidrBlock="0.0.0.0/0")
    (said,) = remove(account, None, [*recorded_of(account), known])
    assert "association" in said
    found = account.client("ec2").describe_route_tables(RouteTableIds=[table])["RouteTables"][0]
    assert found["Associations"] == []


def test_a_policy_in_a_role_that_no_state_has_is_removed(account: Account) -> None:
    name, iam = planting.role(account), account.client("iam")
    (said,) = remove(account, [INLINE], [state_of(ROLE, name)])
    assert f"store of {name}" in said
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == []
    assert len(iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]) == 1


def test_a_policy_in_a_role_that_the_state_has_stays(account: Account) -> None:
    name = planting.role(account)
    state = [state_of(ROLE, name), state_of(INLINE, f"{name}:store")]
    assert remove(account, [INLINE], state) == []


# What can go wrong.


def test_a_kind_that_can_not_be_listed_is_an_error_and_nothing_is_removed(
    account: Account, hold_first: HoldFirst
) -> None:
    planting.elastic_ip(account)
    hold_first("DescribeVpcs", times=10**6, code="UnauthorizedOperation")
    with pytest.raises(PilothouseError, match="listing them fails"):
        remove(account, ["aws:ec2/vpc:Vpc", "aws:ec2/eip:Eip"])
    assert len(account.client("ec2").describe_addresses()["Addresses"]) == 1


def test_what_does_not_go_is_an_error_that_says_why(
    account: Account, hold_first: HoldFirst
) -> None:
    planting.vpc(account)
    hold_first("DeleteVpc", times=10**6)
    with pytest.raises(PilothouseError, match="cannot be deleted") as caught:
        remove(account, ["aws:ec2/vpc:Vpc"])
    assert "held" in str(caught.value)
