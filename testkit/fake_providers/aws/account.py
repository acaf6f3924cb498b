"""The made-up account: emptied, and asked for what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.backends import get_backend
from moto.moto_api._internal.models import moto_api_backend

from testkit.fake_aws import budget_actions

NUMBER = "123456789012"
"""moto's own, unless a server is told another one by MOTO_ACCOUNT_ID."""


def reset() -> None:
    """Empty every service."""
    moto_api_backend.reset()


def backend(service: str, region: str, number: str = NUMBER) -> Any:
    """What a service holds, as moto keeps it; services of no region have the region `aws`."""
    return get_backend(service)[number][region]  # type: ignore[call-overload]


def contents(region: str) -> list[str]:
    """Everything in a region of the account, and what it has for all regions, as moto keeps it.

    What a new account has already is left out, and keys whose deletion is scheduled: those
    are `dying_keys`.
    """
    return sorted(
        [*_network(region), *_learning(region), *_storage(), *_rights(region), *_around(region)]
    )


def dying_keys(region: str) -> list[str]:
    """The keys that are there until the date of their deletion."""
    keys = backend("kms", region).keys
    return [name for name, key in keys.items() if key.key_state == "PendingDeletion"]


def _network(region: str) -> Iterator[str]:
    ec2 = backend("ec2", region)
    given = {vpc.id for vpc in ec2.vpcs.values() if vpc.is_default}
    yield from (f"vpc {name}" for name in ec2.vpcs if name not in given)
    subnets = [subnet for zone in ec2.subnets.values() for subnet in zone.values()]
    yield from (f"subnet {each.id}" for each in subnets if each.vpc_id not in given)
    for vpc, groups in ec2.groups.items():
        yield from (f"security group {name}" for name in groups if vpc not in given)
    yield from (f"interface {name}" for name in ec2.enis)
    yield from (f"address {each.allocation_id}" for each in ec2.addresses)
    gateways = ec2.nat_gateways.values()
    yield from (f"NAT gateway {each.id}" for each in gateways if each.state != "deleted")
    yield from (f"internet gateway {name}" for name in ec2.internet_gateways)
    tables = ec2.route_tables.values()
    yield from (f"route table {each.id}" for each in tables if each.vpc_id not in given)
    endpoints = ec2.vpc_end_points.values()
    yield from (f"endpoint {each.id}" for each in endpoints if each.state != "deleted")
    yield from (f"flow log {name}" for name in ec2.flow_logs)


def _learning(region: str) -> Iterator[str]:
    learning = backend("sagemaker", region)
    for kind in ("domains", "pipelines", "model_package_groups", "model_packages"):
        yield from (f"sagemaker {kind} {name}" for name in getattr(learning, kind))
    for kind, records in learning.__dict__.get("records", {}).items():
        yield from (f"sagemaker {kind} {each}" for each in records.matching({}))
    yield from (f"mwaa {name}" for name in backend("mwaa", region).names())


def _storage() -> Iterator[str]:
    yield from (f"bucket {name}" for name in backend("s3", "aws").buckets)


def _rights(region: str) -> Iterator[str]:
    iam, kms = backend("iam", "aws"), backend("kms", region)
    yield from (f"role {role.name}" for role in iam.roles.values())
    managed = iam.managed_policies.values()
    yield from (f"policy {each.name}" for each in managed if NUMBER in each.arn)
    keys = kms.keys.items()
    yield from (f"key {name}" for name, key in keys if key.key_state != "PendingDeletion")
    aliases = (name for key in kms.keys.values() for name in key.aliases)
    yield from (f"alias {name}" for name in aliases)


def _around(region: str) -> Iterator[str]:
    yield from (f"log group {name}" for name in backend("logs", region).groups)
    yield from (f"repository {name}" for name in backend("ecr", region).repositories)
    yield from (f"file system {name}" for name in backend("efs", region).file_systems_by_id)
    groups = backend("scheduler", region).schedule_groups
    yield from (f"schedule group {name}" for name in groups if name != "default")
    yield from (f"schedule {name}" for group in groups.values() for name in group.schedules)
    yield from (f"budget {name}" for name in backend("budgets", "aws").budgets[NUMBER])
    yield from (f"budget action {each}" for each in budget_actions.held(backend("budgets", "aws")))
