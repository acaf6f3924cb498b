"""AWS KMS: the stack's key, which outlives a teardown by a week, and its alias.

A key that the settings name is not the stack's, whatever its tags and aliases say.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.aws.resources import billing
from pilothouse.targets.aws.resources.calls import Listing, delete_by
from pilothouse.targets.aws.resources.declaration import (
    AwsResource,
    ListCall,
    Permission,
    regional_arn,
)
from pilothouse.targets.shared.resource_table import ANY_ROLE, FoundResource

DELETION_DAYS = 7
"""Days, the fewest possible, for which AWS keeps a key whose deletion is scheduled."""

DENIED_BY_KEY_POLICY = "resource-based policy"
"""What AWS says where a key's own policy, which would name the caller, denies access."""

_KEY_ARN = regional_arn("kms", "key/*")
_ALIASES = Listing(
    service="kms", operation="list_aliases", key="Aliases", name="AliasName", arn="AliasArn"
)


def _find_aliases(account: Account) -> Iterator[FoundResource]:
    named = account.plan.settings.storage.key_arn or ""
    of_named = {
        alias["AliasName"]
        for alias in account.list_items("kms", "list_aliases", "Aliases")
        if named.endswith(f"/{alias.get('TargetKeyId')}")
    }
    yield from (alias for alias in _ALIASES.find(account) if alias.name not in of_named)


def _find_keys(account: Account) -> Iterator[FoundResource]:
    aliases = {
        alias.get("TargetKeyId"): alias["AliasName"]
        for alias in account.list_items("kms", "list_aliases", "Aliases")
    }
    for key in account.list_items("kms", "list_keys", "Keys"):
        key_id = key["KeyId"]
        if key["KeyArn"] == account.plan.settings.storage.key_arn:
            continue
        metadata = _describe_key(account, key_id)
        if metadata and _is_stack_key(account, key_id, aliases.get(key_id, "")):
            date = metadata.get("DeletionDate")
            yield FoundResource(
                id=key_id,
                name=aliases.get(key_id, key_id),
                full_name=key["KeyArn"],
                detail=metadata["KeyState"],
                scheduled_deletion=f"{date:%Y-%m-%d}" if date else "",
            )


def _describe_key(account: Account, key_id: str) -> dict[str, Any] | None:
    """A key's metadata; None for AWS's own, and for one whose own policy denies access."""
    from botocore.exceptions import ClientError

    try:
        metadata: dict[str, Any] = account.client("kms").describe_key(KeyId=key_id)["KeyMetadata"]
    except ClientError as error:
        if DENIED_BY_KEY_POLICY in str(error):
            return None
        raise
    return metadata if metadata["KeyManager"] == "CUSTOMER" else None


def _is_stack_key(account: Account, key_id: str, alias: str) -> bool:
    tags = account.list_items("kms", "list_resource_tags", "Tags", KeyId=key_id)
    return account.belongs_to_stack(alias) or account.belongs_to_stack(tags=list(tags))


def _schedule_key_deletion(account: Account, key: FoundResource) -> None:
    account.client("kms").schedule_key_deletion(KeyId=key.id, PendingWindowInDays=DELETION_DAYS)


_ALIAS_ACTIONS = "kms:CreateAlias kms:UpdateAlias kms:DeleteAlias"

RESOURCES = (
    AwsResource(
        name="KMS alias",
        type="aws:kms/alias:Alias",
        billing=billing.free(),
        find=_find_aliases,
        delete=delete_by("kms", "delete_alias", "AliasName"),
        retained_roles=(ANY_ROLE,),
        permissions=[
            Permission(actions=_ALIAS_ACTIONS, on=[regional_arn("kms", "{name}")]),
            Permission(actions=_ALIAS_ACTIONS, on=[_KEY_ARN], required_tag="resource"),
            Permission(actions="kms:ListAliases"),
        ],
        list_actions="kms:ListAliases",
    ),
    # It is retained with the data: without it, what it encrypts would be lost.
    AwsResource(
        name="KMS key",
        type="aws:kms/key:Key",
        billing=billing.KEY,
        find=_find_keys,
        delete=_schedule_key_deletion,
        retained_roles=(ANY_ROLE,),
        permissions=[
            Permission(actions="kms:CreateKey kms:TagResource", required_tag="request"),
            Permission(
                actions="kms:DescribeKey kms:GetKeyPolicy kms:PutKeyPolicy"
                " kms:GetKeyRotationStatus kms:EnableKeyRotation kms:DisableKeyRotation"
                " kms:UpdateKeyDescription kms:TagResource kms:UntagResource"
                " kms:ListResourceTags kms:ScheduleKeyDeletion kms:EnableKey kms:DisableKey",
                on=[_KEY_ARN],
                required_tag="resource",
            ),
            Permission(actions="kms:ListKeys"),
        ],
        list_actions="kms:ListKeys kms:ListAliases kms:DescribeKey kms:ListResourceTags",
        availability=ListCall(service="kms", operation="list_keys", arguments={"Limit": 1}),
    ),
)
