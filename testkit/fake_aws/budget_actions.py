"""Actions of AWS Budgets: made, changed, removed, and executed when somebody spends."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from moto.budgets.exceptions import NotFoundException
from moto.budgets.responses import BudgetsResponse
from moto.iam.models import iam_backends

from testkit.fake_aws.budgets import tags_by_arn

Action = dict[str, Any]
_CHANGED = (
    *("NotificationType", "ActionThreshold", "Definition"),
    *("ExecutionRoleArn", "ApprovalModel", "Subscribers"),
)


def extend() -> None:
    """Give moto's budgets the operations."""
    for method in (
        _create_budget_action, _describe_budget_action, _update_budget_action,
        _delete_budget_action, _describe_budget_actions_for_account,
    ):  # fmt: skip
        setattr(BudgetsResponse, method.__name__.removeprefix("_"), method)


def held(backend: Any) -> dict[str, Action]:
    """The actions by their ids."""
    actions: dict[str, Action] = backend.__dict__.setdefault("actions", {})
    return actions


def spend(backend: Any, account: str, percent: float) -> list[str]:
    """Execute what is automatic and due when so much of each budget is billed; the roles of it.

    The policy is attached as the service attaches it; whether its role may do that is not asked.
    """
    iam = iam_backends[account]["aws"]
    reached = []
    for action in held(backend).values():
        threshold = float(action["ActionThreshold"]["ActionThresholdValue"])
        if action["Status"] != "STANDBY" or percent < threshold:
            continue
        definition = action["Definition"]["IamActionDefinition"]
        for role in definition["Roles"]:
            iam.attach_role_policy(definition["PolicyArn"], role)
            reached.append(role)
        action["Status"] = "EXECUTION_SUCCESS"
    return reached


def _create_budget_action(self: Any) -> str:
    given = json.loads(self.body)
    account, budget = given.pop("AccountId"), given["BudgetName"]
    if budget not in self.backend.budgets[account]:
        raise NotFoundException(f"Unable to get budget: {budget} - the budget doesn't exist.")
    action_id, tags = str(uuid.uuid4()), given.pop("ResourceTags", [])
    held(self.backend)[action_id] = {**given, "ActionId": action_id, "Status": "STANDBY"}
    by_key = {tag["Key"]: tag["Value"] for tag in tags}
    tags_by_arn(self.backend)[_arn(account, budget, action_id)] = by_key
    return json.dumps({"AccountId": account, "BudgetName": budget, "ActionId": action_id})


def _describe_budget_action(self: Any) -> str:
    given, action = _of_request(self)
    return _answer(given, Action=action)


def _update_budget_action(self: Any) -> str:
    given, action = _of_request(self)
    old = dict(action)
    action |= {name: given[name] for name in _CHANGED if name in given}
    return _answer(given, OldAction=old, NewAction=action)


def _delete_budget_action(self: Any) -> str:
    given, action = _of_request(self)
    del held(self.backend)[action["ActionId"]]
    arn = _arn(given["AccountId"], given["BudgetName"], action["ActionId"])
    tags_by_arn(self.backend).pop(arn, None)
    return _answer(given, Action=action)


def _describe_budget_actions_for_account(self: Any) -> str:
    return json.dumps({"Actions": list(held(self.backend).values())})


def _of_request(self: Any) -> tuple[dict[str, Any], Action]:
    given = json.loads(self.body)
    found = held(self.backend).get(given["ActionId"])
    if found is None or found["BudgetName"] != given["BudgetName"]:
        raise NotFoundException(f"Action {given['ActionId']} doesn't exist")
    return given, found


def _answer(given: Mapping[str, Any], **more: Action) -> str:
    names = {"AccountId": given["AccountId"], "BudgetName": given["BudgetName"]}
    return json.dumps({**names, **more})


def _arn(account: str, budget: str, action_id: str) -> str:
    return f"arn:aws:budgets::{account}:budget/{budget}/action/{action_id}"
