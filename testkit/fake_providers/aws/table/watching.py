"""Log groups and budgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from testkit.fake_providers.aws.entry import Call, Caller, Context, Entry, Put, Read
from testkit.fake_providers.aws.table import tagging
from testkit.fake_providers.core.values import UNKNOWN

_BUDGET = (
    "{BudgetName: in.name, BudgetType: in.budgetType, TimeUnit: in.timeUnit, "
    "BudgetLimit: {Amount: in.limitAmount, Unit: in.limitUnit}, "
    "CostFilters: in.costFilters && all_of(in.costFilters, 'values') || `null`}"
)
_OF_BUDGET = "AccountId: before(id, ':'), BudgetName: after(id, ':')"
_BUDGET_ARN = (
    "join('', ['arn:aws:budgets::', before(id, ':'), ':budget/', after(id, ':')])"
)  # fmt: skip
_MAKE_ALARM = "create_notification"
_NOTIFICATION = {
    "comparisonOperator": "ComparisonOperator", "notificationType": "NotificationType",
    "threshold": "Threshold", "thresholdType": "ThresholdType",
}  # fmt: skip


def _set_notifications(call: Caller, context: Context) -> None:
    """Have exactly those that are wanted: AWS's provider makes them all anew, too."""
    account, _, name = context["id"].partition(":")
    of = {"AccountId": account, "BudgetName": name}
    found = call("budgets", "describe_notifications_for_budget", **of)
    for notification in found.get("Notifications") or []:
        notification.pop("NotificationState", None)
        call("budgets", "delete_notification", **of, Notification=notification)
    for request in _alarms(context):
        call("budgets", _MAKE_ALARM, **of, **request)


def _alarms(context: Context) -> list[dict[str, Any]]:
    """What makes each notification, besides the budget that it belongs to."""
    wanted = context["in"].get("notifications") or []
    known = [] if wanted == UNKNOWN else wanted
    return [{"Notification": _theirs(each), "Subscribers": _subscribers(each)} for each in known]


def _checked_alarms(context: Context) -> list[dict[str, Any]]:
    of = {"AccountId": UNKNOWN, "BudgetName": UNKNOWN}
    return [{**of, **request} for request in _alarms(context)]


def _subscribers(wanted: Mapping[str, Any]) -> list[dict[str, str]]:
    emails, topics = "subscriberEmailAddresses", "subscriberSnsTopicArns"
    return [
        *({"SubscriptionType": "EMAIL", "Address": each} for each in wanted.get(emails) or []),
        *({"SubscriptionType": "SNS", "Address": each} for each in wanted.get(topics) or []),
    ]


def _theirs(wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {theirs: wanted[ours] for ours, theirs in _NOTIFICATION.items()}


def _seen_notifications(context: Context) -> Any:
    """Who is told is not read, what about is."""
    old = context["in"].get("notifications") or []
    live = [{ours: each.get(theirs) for ours, theirs in _NOTIFICATION.items()}
            for each in context["told"] or []]  # fmt: skip
    plain = [{name: each[name] for name in _NOTIFICATION} for each in old]
    return old if _sorted(plain) == _sorted(live) else live


def _sorted(items: Sequence[Mapping[str, Any]]) -> list[list[tuple[str, str]]]:
    numbers = (int, float)
    return sorted(
        [(k, str(float(v) if isinstance(v, numbers) else v)) for k, v in sorted(item.items())]
        for item in items
    )


_OF_ACTION = (
    "AccountId: before(id, ':'), ActionId: before(after(id, ':'), ':'), "
    "BudgetName: after(after(id, ':'), ':')"
)
_ACTION = (
    "NotificationType: in.notificationType, ActionThreshold: pascal(in.actionThreshold), "
    "Definition: pascal(in.definition), ExecutionRoleArn: in.executionRoleArn, "
    "ApprovalModel: in.approvalModel, "
    "Subscribers: in.subscribers[].{SubscriptionType: subscriptionType, Address: address}"
)
_ACTION_ARN = (
    "join('', ['arn:aws:budgets::', before(id, ':'), ':budget/', after(after(id, ':'), ':'), "
    "'/action/', before(after(id, ':'), ':')])"
)

TABLE: Mapping[str, Entry] = {
    "aws:cloudwatch/logGroup:LogGroup": Entry(
        service="logs",
        create=Call(
            operation="create_log_group",
            request="{logGroupName: in.name, kmsKeyId: in.kmsKeyId, tags: in.tags, "
            "logGroupClass: in.logGroupClass}",
        ),
        id="in.name",
        reads=(
            Read(
                operation="describe_log_groups", request="{logGroupNamePrefix: id}",
                pick="chosen(logGroups, 'logGroupName', id)",
            ),
            tagging.listed("it.logGroupArn", "resourceArn", "tags"),
        ),
        seen={
            "tags": "mapped(has)", "name": "it.logGroupName",
            "retentionInDays": "it.retentionInDays", "kmsKeyId": "it.kmsKeyId",
            "logGroupClass": "it.logGroupClass",
        },
        outputs={"arn": "it.logGroupArn"},
        puts=(
            Put(
                calls=(
                    Call(
                        operation="put_retention_policy",
                        request="{logGroupName: id, retentionInDays: in.retentionInDays}",
                        when="in.retentionInDays",
                    ),
                    Call(
                        operation="delete_retention_policy", request="{logGroupName: id}",
                        when="!(in.retentionInDays) && it.retentionInDays",
                    ),
                )
            ),
            Put(
                calls=(
                    Call(
                        operation="associate_kms_key",
                        request="{logGroupName: id, kmsKeyId: in.kmsKeyId}", when="in.kmsKeyId",
                    ),
                    Call(
                        operation="disassociate_kms_key", request="{logGroupName: id}",
                        when="!(in.kmsKeyId) && it.kmsKeyId",
                    ),
                ),
                on_create=False,
            ),
        ),
        names=("name",),
        computed=("logGroupClass",),
        delete=(Call(operation="delete_log_group", request="{logGroupName: id}"),),
        tags=tagging.by_arn("it.logGroupArn", ("resourceArn", "tags", "tagKeys"), as_map=True),
    ),
    "aws:budgets/budgetAction:BudgetAction": Entry(
        service="budgets",
        create=Call(
            operation="create_budget_action",
            request="{AccountId: in.accountId || account, BudgetName: in.budgetName, "
            f"ActionType: in.actionType, {_ACTION}, ResourceTags: {tagging.PAIRS}}}",
        ),
        id="join(':', [made.AccountId, made.ActionId, made.BudgetName])",
        reads=(
            Read(operation="describe_budget_action", request=f"{{{_OF_ACTION}}}", pick="Action"),
            tagging.listed(_ACTION_ARN, "ResourceARN", "ResourceTags"),
        ),
        seen={
            "tags": "mapped(has)", "accountId": "before(id, ':')", "budgetName": "it.BudgetName",
            "actionType": "it.ActionType", "notificationType": "it.NotificationType",
            "actionThreshold": "camel(it.ActionThreshold)", "definition": "camel(it.Definition)",
            "executionRoleArn": "it.ExecutionRoleArn", "approvalModel": "it.ApprovalModel",
            "subscribers": "it.Subscribers[].{subscriptionType: SubscriptionType, "
            "address: Address}",
        },
        outputs={"arn": _ACTION_ARN, "actionId": "it.ActionId", "status": "it.Status"},
        puts=(
            Put(
                calls=(
                    Call(
                        operation="update_budget_action", request=f"{{{_OF_ACTION}, {_ACTION}}}"
                    ),
                ),
                on_create=False,
            ),
        ),
        replaces=("accountId", "budgetName", "actionType"),
        delete=(Call(operation="delete_budget_action", request=f"{{{_OF_ACTION}}}"),),
        tags=tagging.by_arn(_ACTION_ARN, ("ResourceARN", "ResourceTags", "ResourceTagKeys")),
    ),
    "aws:budgets/budget:Budget": Entry(
        service="budgets",
        create=Call(
            operation="create_budget",
            request=f"{{AccountId: in.accountId || account, Budget: {_BUDGET}, "
            f"ResourceTags: {tagging.PAIRS}}}",
        ),
        id="join(':', [in.accountId || account, in.name])",
        reads=(
            Read(operation="describe_budget", request=f"{{{_OF_BUDGET}}}", pick="Budget"),
            Read(
                name="told", operation="describe_notifications_for_budget",
                request=f"{{{_OF_BUDGET}}}", pick="Notifications",
            ),
            tagging.listed(_BUDGET_ARN, "ResourceARN", "ResourceTags"),
        ),
        seen={
            "tags": "mapped(has)", "accountId": "before(id, ':')", "name": "it.BudgetName",
            "budgetType": "it.BudgetType", "timeUnit": "it.TimeUnit",
            "limitAmount": "it.BudgetLimit.Amount", "limitUnit": "it.BudgetLimit.Unit",
            "notifications": _seen_notifications,
        },
        outputs={"arn": _BUDGET_ARN},
        puts=(
            Put(
                calls=(
                    Call(
                        operation="update_budget",
                        request=f"{{AccountId: before(id, ':'), NewBudget: {_BUDGET}}}",
                    ),
                ),
                on_create=False,
            ),
            Put(
                hook=_set_notifications, of_hook=("notifications",), operation=_MAKE_ALARM,
                requests=_checked_alarms,
            ),
        ),
        replaces=("accountId", "name"),
        names=("name",),
        computed=("accountId",),
        delete=(Call(operation="delete_budget", request=f"{{{_OF_BUDGET}}}"),),
        tags=tagging.by_arn(
            _BUDGET_ARN, ("ResourceARN", "ResourceTags", "ResourceTagKeys")
        ),
    ),
}  # fmt: skip
