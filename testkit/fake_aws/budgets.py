"""Budgets that can be changed, tagged, and that tell who is notified."""

from __future__ import annotations

import json
from typing import Any

from moto.budgets.exceptions import NotFoundException
from moto.budgets.models import BudgetsBackend
from moto.budgets.responses import BudgetsResponse

_Backend: Any = BudgetsBackend  # it is changed here
_Response: Any = BudgetsResponse  # it is changed here


def extend() -> None:
    """Give moto's budgets the operations."""
    for method in (_update_budget, _describe_subscribers_for_notification, _create_subscriber,
                   _delete_subscriber, _list_tags_for_resource, _tag_resource,
                   _untag_resource):  # fmt: skip
        setattr(BudgetsResponse, method.__name__.removeprefix("_"), method)
    _keep_tags()


def _keep_tags() -> None:
    theirs, removed = BudgetsResponse.create_budget, BudgetsBackend.delete_budget

    def create_budget(self: Any) -> str:
        answer = theirs(self)
        given = json.loads(self.body)
        arn = f"arn:aws:budgets::{given['AccountId']}:budget/{given['Budget']['BudgetName']}"
        tags_by_arn(self.backend)[arn] = _as_map(given.get("ResourceTags") or [])
        return answer

    def delete_budget(self: Any, account_id: str, budget_name: str) -> None:
        removed(self, account_id, budget_name)
        tags_by_arn(self).pop(f"arn:aws:budgets::{account_id}:budget/{budget_name}", None)

    _Response.create_budget = create_budget
    _Backend.delete_budget = delete_budget


def _update_budget(self: Any) -> str:
    given = json.loads(self.body)
    _budget(self, given, given["NewBudget"]["BudgetName"]).budget |= given["NewBudget"]
    return "{}"


def _describe_subscribers_for_notification(self: Any) -> str:
    return json.dumps({"Subscribers": _notification(self).subscribers})


def _create_subscriber(self: Any) -> str:
    _notification(self).subscribers.append(json.loads(self.body)["Subscriber"])
    return "{}"


def _delete_subscriber(self: Any) -> str:
    _notification(self).subscribers.remove(json.loads(self.body)["Subscriber"])
    return "{}"


def _list_tags_for_resource(self: Any) -> str:
    tags = _tags_of(self)
    return json.dumps({"ResourceTags": [{"Key": k, "Value": v} for k, v in tags.items()]})


def _tag_resource(self: Any) -> str:
    _tags_of(self).update(_as_map(json.loads(self.body)["ResourceTags"]))
    return "{}"


def _untag_resource(self: Any) -> str:
    for key in json.loads(self.body)["ResourceTagKeys"]:
        _tags_of(self).pop(key, None)
    return "{}"


def _budget(self: Any, given: dict[str, Any], name: str) -> Any:
    budgets = self.backend.budgets[given["AccountId"]]
    if name not in budgets:
        raise NotFoundException(f"Unable to get budget: {name} - the budget doesn't exist.")
    return budgets[name]


def _notification(self: Any) -> Any:
    given = json.loads(self.body)
    for notification in _budget(self, given, given["BudgetName"]).notifications:
        if given["Notification"].items() <= notification.details.items():
            return notification
    raise NotFoundException("the notification doesn't exist")


def tags_by_arn(backend: Any) -> dict[str, dict[str, str]]:
    """The tags of budgets and of the actions on them."""
    tags: dict[str, dict[str, str]] = backend.__dict__.setdefault("tags", {})
    return tags


def _tags_of(self: Any) -> dict[str, str]:
    arn = json.loads(self.body)["ResourceARN"]
    if arn not in tags_by_arn(self.backend):
        raise NotFoundException(f"{arn} doesn't exist")
    return tags_by_arn(self.backend)[arn]


def _as_map(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}
