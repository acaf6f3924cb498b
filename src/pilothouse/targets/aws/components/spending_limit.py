"""What happens when the month's budget is spent: an action of AWS Budgets takes rights away.

It attaches a policy that denies jobs to the roles that start them; what runs by then goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_aws.budgets import BudgetAction
from pulumi_aws.iam import Policy

from pilothouse.targets.aws import naming
from pilothouse.targets.aws.components import iam
from pilothouse.targets.aws.components.budget import recipients

if TYPE_CHECKING:
    from pulumi_aws.budgets import Budget
    from pulumi_aws.iam import Role

    from pilothouse.targets.aws.components.factory import ResourceFactory

START_JOBS = ["sagemaker:Create*Job", "sagemaker:StartPipelineExecution"]
SPENT = 100
"""The percent of the budget, as far as AWS has billed it, at which jobs are denied."""


class SpendingLimit:
    """The policy that denies jobs, the roles that lose their right by it, and the action.

    The policy is made before these roles and deleted after them: an action that has been executed
    leaves it attached.
    """

    def __init__(self, factory: ResourceFactory, budget: Budget | None) -> None:
        plan = factory.plan
        self._budget = budget if plan.settings.budget.at_limit == "stop-jobs" else None
        self._roles: list[Role] = []
        self._policy: Policy | None = None
        if self._budget and recipients(plan):
            self._policy = _create_policy(factory)

    def create_role(
        self, factory: ResourceFactory, who: str, services: Sequence[str], source: str
    ) -> Role:
        """A role of `factory` that starts jobs until the budget is spent."""
        role = factory.create_role(who, services, source, denied_by=self._policy)
        self._roles.append(role)
        return role

    def act(self, factory: ResourceFactory) -> None:
        """Create the action on the roles that there are by now."""
        if self._policy is None or self._budget is None:
            return
        plan, name = factory.plan, naming.LIMIT
        budget = naming.global_arn(plan, "budgets", f"budget/{plan.name(naming.BUDGET)}")
        role = factory.create_role(name, ["budgets"], budget)
        permission = factory.create_role_policy(
            name, role, [_allow_denial(self._policy, self._roles)]
        )
        BudgetAction(
            name,
            account_id=plan.settings.account_id,
            budget_name=self._budget.name,
            action_type="APPLY_IAM_POLICY",
            approval_model="AUTOMATIC",
            notification_type="ACTUAL",
            action_threshold={
                "action_threshold_type": "PERCENTAGE",
                "action_threshold_value": SPENT,
            },
            definition={
                "iam_action_definition": {
                    "policy_arn": self._policy.arn,
                    "roles": [each.name for each in self._roles],
                }
            },
            execution_role_arn=role.arn,
            subscribers=[
                {"subscription_type": "EMAIL", "address": address} for address in recipients(plan)
            ],
            tags=factory.tags(name),
            opts=factory.options(permission),
        )


def _create_policy(factory: ResourceFactory) -> Policy:
    plan, name = factory.plan, naming.LIMIT
    path = plan.settings.iam.path
    return Policy(
        name,
        name=plan.name(name),
        path=None if path == "/" else path,
        description="Attached when the month's budget is spent",
        policy=iam.to_json([{"Effect": "Deny", "Action": START_JOBS, "Resource": ["*"]}]),
        tags=factory.tags(name),
        opts=factory.options(),
    )


def _allow_denial(policy: Policy, roles: Sequence[Role]) -> dict[str, Any]:
    """Allows to attach that policy alone to these roles alone, and to take it away again."""
    arns: list[pulumi.Input[str]] = [role.arn for role in roles]
    condition = {"ArnEquals": {"iam:PolicyARN": policy.arn}}
    return dict(iam.allow(["iam:AttachRolePolicy", "iam:DetachRolePolicy"], arns, condition))
