"""A stack full of resources, its cleanup, and what is left of it."""

from __future__ import annotations

from testkit.support.clock import ManualClock

from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.aws.resources import TABLE
from pilothouse.targets.interface import Leftover
from pilothouse.targets.shared import inventory
from pilothouse.targets.shared.cleanup import Sweep
from tests.targets.aws import planting


def clean_up(account: Account, time: ManualClock | None = None, *, keep_data: bool = False) -> None:
    """Delete everything of the stack, or all but what is retained with the data."""
    Sweep(
        account,
        TABLE.listed,
        lambda declared, found: not (keep_data and declared.is_retained(account, found)),
        clock=(time or ManualClock()).clock,
    ).run()


def leftovers(account: Account, *, keep_data: bool = False) -> list[Leftover]:
    """What the account has of the stack."""
    return inventory.leftovers(account, TABLE.listed, keep_data=keep_data)


def verdicts(account: Account) -> list[str]:
    """The same in short, such as `present bucket`."""
    return [f"{leftover.verdict} {leftover.kind}" for leftover in leftovers(account)]


def everything(account: Account) -> None:
    """One of each kind, all in one VPC that is full of what services left there."""
    vpc = planting.vpc(account)
    subnet = planting.subnet(account, vpc)
    group = planting.security_group(account, vpc)
    planting.interface(account, subnet, group)
    planting.nat_gateway(account, subnet)
    planting.internet_gateway(account, vpc)
    planting.endpoint(account, vpc)
    planting.flow_log(account, vpc)
    table = planting.route_table(account, vpc)
    account.client("ec2").associate_route_table(RouteTableId=table, SubnetId=subnet)
    for role in ("data", "artifacts", "dags"):
        planting.objects(account, planting.bucket(account, role))
    planting.repository(account)
    planting.role(account)
    planting.alias(account)
    planting.budget_action(account)
    planting.pipeline(account)
    planting.schedule(account)
    planting.log_group(account, f"airflow-{account.plan.name('airflow')}-Task")
