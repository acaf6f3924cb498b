"""AWS Budgets."""

from __future__ import annotations

from collections.abc import Iterator

from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.aws.resources import billing
from pilothouse.targets.aws.resources.declaration import AwsResource, Permission
from pilothouse.targets.aws.settings.regions import BY_REGION
from pilothouse.targets.shared.resource_table import FoundResource


def _find_budgets(account: Account) -> Iterator[FoundResource]:
    if not BY_REGION[account.plan.settings.region].budgets:
        return
    account_id = account.plan.settings.account_id
    for budget in account.list_items(
        "budgets", "describe_budgets", "Budgets", AccountId=account_id
    ):
        name = budget["BudgetName"]
        if account.belongs_to_stack(name):
            yield FoundResource(id=f"{account_id}:{name}", name=name)


def _delete_budget(account: Account, budget: FoundResource) -> None:
    account.client("budgets").delete_budget(
        AccountId=account.plan.settings.account_id, BudgetName=budget.name
    )


RESOURCES = (
    AwsResource(
        name="budget",
        type="aws:budgets/budget:Budget",
        billing=billing.BUDGET,
        find=_find_budgets,
        delete=_delete_budget,
        permissions=[
            Permission(
                actions="budgets:ViewBudget budgets:ModifyBudget budgets:TagResource"
                " budgets:UntagResource budgets:ListTagsForResource",
                on=["arn:{partition}:budgets::{account}:budget/{name}"],
            ),
        ],
        list_actions="budgets:ViewBudget",
    ),
)
