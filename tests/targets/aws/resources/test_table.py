"""Every resource type has one declaration, and what an account has of it is found."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import pytest

from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.aws.resources import TABLE
from pilothouse.targets.dry_run import Recording
from pilothouse.targets.shared import inventory
from tests.targets.aws import planting
from tests.targets.aws.graph import stacks
from tests.targets.conftest import GraphOf
from tests.targets.suite import platforms

EXAMPLES = [example for example, target in platforms.CARRIED if target == "aws"]


def undeclared(graphs: Iterable[Recording], declared: Collection[str]) -> set[str]:
    """The types in the graphs, but for components and providers, that have no declaration."""
    types = {resource.type for graph in graphs for resource in graph if resource.custom}
    created = {token for token in types if not token.startswith("pulumi:providers:")}
    assert len(created) > 20
    return created - set(declared)


def test_every_type_of_every_graph_has_a_declaration(graph_of: GraphOf) -> None:
    graphs = [
        *(graph_of(example, "aws") for example in EXAMPLES),
        *(stacks.stack(option) for option in stacks.OPTIONS),
    ]
    assert undeclared(graphs, TABLE.types) == set()


def test_a_type_without_a_declaration_is_seen() -> None:
    missing = "aws:ec2/natGateway:NatGateway"
    assert undeclared([stacks.stack()], TABLE.types - {missing}) == {missing}


def test_every_declared_type_is_in_a_graph() -> None:
    """A declaration of a type that no stack creates would be permissions for nothing."""
    types = {resource.type for option in stacks.OPTIONS for resource in stacks.stack(option)}
    assert types >= TABLE.types


@pytest.mark.parametrize("name", [declared.name for declared in TABLE if not declared.type])
def test_what_services_create_names_the_type_that_it_comes_with(name: str) -> None:
    declared = TABLE.named(name)
    assert not declared.created_by or declared.created_by in TABLE.types
    assert bool(declared.created_by) == bool(declared.permissions)


@pytest.mark.parametrize("token", sorted(TABLE.types))
def test_every_created_type_says_what_its_deployment_needs(token: str) -> None:
    assert TABLE.of_type(token).permissions


@pytest.mark.parametrize("name", [declared.name for declared in TABLE.listed])
def test_every_listed_type_says_what_listing_it_needs(name: str) -> None:
    assert TABLE.named(name).list_actions


@pytest.mark.parametrize("name", planting.PLANTS)
def test_each_type_is_found_by_its_id_and_another_stack_has_none(
    account: Account, account_of_other: Account, name: str
) -> None:
    created = planting.PLANTS[name](account)
    declared = TABLE.named(name)
    assert [found.id for found in inventory.find(account, declared)] == [created]
    assert inventory.find(account_of_other, declared) == []


ORDER = """
schedule, schedule group, budget action,
pipeline execution, training job, processing job, pipeline, MLflow app, MLflow tracking server,
model version, model package group, app, space, user profile, domain, MWAA environment, DAG file,
bucket, image repository, file system, NAT gateway, VPC endpoint, flow log, network interface,
elastic IP, internet gateway, security group, subnet, route table, VPC, log group, log stream, role,
policy, KMS alias, KMS key, budget
"""


def test_resources_are_deleted_before_what_they_depend_on() -> None:
    names = [name.strip() for name in ORDER.replace("\n", " ").split(",")]
    assert [declared.name for declared in TABLE.listed] == names


def test_children_are_deleted_before_their_parents() -> None:
    names = [child.name for child in TABLE.children]
    assert names == ["route", "route table association", "inline policy"]


def test_every_type_that_a_program_makes_says_what_is_billed_for_it() -> None:
    assert [declared.name for declared in TABLE if declared.type and not declared.billing] == []
