"""The platform's monthly budget and the recipients of its alerts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_aws.budgets import Budget

from pilothouse.targets.aws import naming
from pilothouse.targets.aws.settings.regions import BY_REGION

if TYPE_CHECKING:
    from pilothouse.targets.aws.components.factory import ResourceFactory
    from pilothouse.targets.aws.settings.target import AwsPlan

ALERTS = (("ACTUAL", 50), ("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100))
"""Actual and forecast costs that are reported, in percent of the budget."""


def make_budget(factory: ResourceFactory) -> Budget | None:
    """A monthly budget with its alerts; without recipients it only shows the costs.

    None, with a warning, in a partition that lacks Budgets.
    """
    plan = factory.plan
    partition = BY_REGION[plan.settings.region]
    if not partition.budgets:
        found = f"no budget and no alerts of costs: partition {partition.name} has no Budgets"
        remedy = "set a budget in the standard account that is billed for this one"
        pulumi.log.warn(f"{found}; {remedy}", factory.parent)
        return None
    if not recipients(plan):
        remedy = "add budget.emails to the stack file"
        pulumi.log.warn(f"the budget has no recipients of alerts: {remedy}", factory.parent)
    return Budget(
        naming.BUDGET,
        name=plan.name(naming.BUDGET),
        account_id=plan.settings.account_id,
        budget_type="COST",
        time_unit="MONTHLY",
        limit_amount=f"{plan.platform.pilot.monthly_budget:.2f}",
        limit_unit="USD",
        cost_filters=_filters(plan),
        notifications=_notifications(recipients(plan)),
        tags=factory.tags(naming.BUDGET),
        opts=factory.options(),
    )


def recipients(plan: AwsPlan) -> list[str]:
    """The e-mail addresses that get the alerts."""
    owner = plan.platform.owner
    return list(plan.settings.budget.emails or ([owner] if "@" in owner else []))


def _filters(plan: AwsPlan) -> Sequence[Any] | None:
    if plan.settings.budget.scope == "account":
        return None
    tag = "pilothouse-stack"
    return [{"name": "TagKeyValue", "values": [f"user:{tag}${plan.tags[tag]}"]}]


def _notifications(emails: Sequence[str]) -> list[Any]:
    return [
        {
            "comparison_operator": "GREATER_THAN",
            "notification_type": kind,
            "threshold": percent,
            "threshold_type": "PERCENTAGE",
            "subscriber_email_addresses": list(emails),
        }
        for kind, percent in (ALERTS if emails else ())
    ]
