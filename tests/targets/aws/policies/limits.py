"""When the budget is spent, whoever starts jobs loses that right, and nobody else does."""

from __future__ import annotations

from collections.abc import Iterator

from tests.targets.aws.policies import iam
from tests.targets.aws.policies.view import Stack, given
from tests.targets.suite.recorder import Recorded

STARTS = (
    *("sagemaker:CreateTrainingJob", "sagemaker:CreateProcessingJob"),
    "sagemaker:StartPipelineExecution",
)
"""What begins to cost by the hour and ends by itself."""


def a_spent_budget_starts_no_jobs(stack: Stack) -> Iterator[str]:
    """An automatic action at all of the actual costs denies jobs to each role that starts them."""
    actions = stack.kind("BudgetAction")
    if len(actions) != ("@" in stack.plan.platform.owner):
        yield f"there are {len(actions)} actions on the budget"
    for action in actions:
        yield from _is_due(action)
        yield from _is_about(stack, action)


def what_is_attached_denies_jobs(stack: Stack) -> Iterator[str]:
    """The policy of an action is the stack's, denies every start of a job and allows nothing."""
    for action in stack.kind("BudgetAction"):
        arn = given(action)["definition"]["iamActionDefinition"]["policyArn"]
        policy = stack.by("Policy", "name", arn.rpartition("/")[2])
        statements = iam.of(policy, "policy") if policy else []
        if any(each.allows for each in statements):
            yield f"{arn} allows something"
        for start in STARTS:
            if not any(each.covers(start, "arn:aws:sagemaker:x") for each in statements):
                yield f"{arn} does not deny {start}"


def the_limit_only_denies(stack: Stack) -> Iterator[str]:
    """The role of an action may attach its policy to its roles, take it away, and no more."""
    for action in stack.kind("BudgetAction"):
        known = given(action)
        definition = known["definition"]["iamActionDefinition"]
        for statement in iam.of_role(stack, known["executionRoleArn"].rpartition("/")[2]):
            if set(statement.actions) != {"iam:AttachRolePolicy", "iam:DetachRolePolicy"}:
                yield f"{action.label} may {statement.actions}"
            if statement.condition("ArnEquals", "iam:PolicyARN") != [definition["policyArn"]]:
                yield f"{action.label} may attach any policy"
            reached = sorted(arn.rpartition("/")[2] for arn in statement.resources)
            if reached != sorted(definition["roles"]):
                yield f"{action.label} reaches {reached}"


def a_denied_role_can_go(stack: Stack) -> Iterator[str]:
    """A policy that the budget has attached must not block the deletion of the role."""
    for action in stack.kind("BudgetAction"):
        for name in given(action)["definition"]["iamActionDefinition"]["roles"]:
            role = stack.by("Role", "name", name)
            if role is None or not given(role).get("forceDetachPolicies"):
                yield f"{name} stays once the budget has been spent"


def _is_due(action: Recorded) -> Iterator[str]:
    known = given(action)
    when = known["notificationType"], known["actionThreshold"], known["approvalModel"]
    full = {"actionThresholdType": "PERCENTAGE", "actionThresholdValue": 100}
    if when != ("ACTUAL", full, "AUTOMATIC"):
        yield f"{action.label} comes at {when}"


def _is_about(stack: Stack, action: Recorded) -> Iterator[str]:
    known = given(action)
    roles = known["definition"]["iamActionDefinition"]["roles"]
    if sorted(roles) != sorted(_starters(stack)):
        yield f"{action.label} is about {roles}"
    if [each["address"] for each in known["subscribers"]] != [stack.plan.platform.owner]:
        yield f"{action.label} tells {known['subscribers']}"
    if stack.by("Budget", "name", known["budgetName"]) is None:
        yield f"{action.label} is on {known['budgetName']}, which is not there"


def _starters(stack: Stack) -> set[str]:
    names = [given(role)["name"] for role in stack.kind("Role")]
    return {
        name
        for name in names
        for statement in iam.of_role(stack, name)
        if statement.allows and set(statement.actions) & set(STARTS)
    }
