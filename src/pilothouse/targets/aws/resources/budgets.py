"""AWS Budgets: budgets, and the actions on them."""

from __future__ import annotations

from collections.abc import Iterator

from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.aws.resources import billing
from pilothouse.targets.aws.resources.declaration import AwsResource, Permission
from pilothouse.targets.aws.resources.permissions import pass_role
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


def _find_actions(account: Account) -> Iterator[FoundResource]:
    if not BY_REGION[account.plan.settings.region].budgets:
        return
    account_id = account.plan.settings.account_id
    for action in account.list_items(
        "budgets", "describe_budget_actions_for_account", "Actions", AccountId=account_id
    ):
        budget, action_id = action["BudgetName"], action["ActionId"]
        if account.belongs_to_stack(budget):
            yield FoundResource(
                id=f"{account_id}:{action_id}:{budget}",
                name=f"{budget}/{action_id}",
                detail=action["Status"],
                attributes={"BudgetName": budget, "ActionId": action_id},
            )


def _delete_action(account: Account, action: FoundResource) -> None:
    account.client("budgets").delete_budget_action(
        AccountId=account.plan.settings.account_id, **action.attributes
    )


ACTIONS = (
    AwsResource(
        name="budget action",
        type="aws:budgets/budgetAction:BudgetAction",
        billing=billing.BUDGET_ACTION,
        find=_find_actions,
        delete=_delete_action,
        permissions=[
            Permission(
                actions="budgets:CreateBudgetAction budgets:DescribeBudgetAction"
                " budgets:UpdateBudgetAction budgets:DeleteBudgetAction budgets:TagResource"
                " budgets:UntagResource budgets:ListTagsForResource",
                on=["arn:{partition}:budgets::{account}:budget/{budgetName}/action/*"],
            ),
            pass_role("budgets"),
        ],
        list_actions="budgets:DescribeBudgetActionsForAccount",
    ),
)
"""They go before the roles and the policy that they name, which an action may have attached."""

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
