"""Whether a key that is not the stack's encrypts for it: its state, and what its policy allows.

Without the key's permission MWAA fails after half an hour, and CloudWatch Logs at its first group.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from pilothouse.targets.aws import naming
from pilothouse.targets.aws.clients import api
from pilothouse.targets.aws.resources.permissions import ENCRYPT
from pilothouse.targets.interface import Check

if TYPE_CHECKING:
    from pilothouse.targets.aws.clients.account import Account

DOCS = "docs/aws-settings.md has the statements for the key's policy"
LOG_CONTEXT = "kms:EncryptionContext:aws:logs:arn"
_NEEDED = {
    "Enabled": True,
    "KeyManager": "CUSTOMER",
    "KeyUsage": "ENCRYPT_DECRYPT",
    "KeySpec": "SYMMETRIC_DEFAULT",
}
"""What every service asks of a key, by the words of its metadata."""

Statement = Mapping[str, Any]


def checks(account: Account) -> Iterator[Check]:
    """The checks of the key that the settings name; none where the key is the stack's own.

    Raises AwsError where the key cannot be described.
    """
    key_arn = account.plan.settings.storage.key_arn
    if not key_arn:
        return
    metadata = account.client("kms").describe_key(KeyId=key_arn)["KeyMetadata"]
    yield _check_key(metadata)
    yield _check_policy(account, key_arn)


def _check_key(metadata: Mapping[str, Any]) -> Check:
    wrong = [f"{key} is {metadata.get(key)}" for key, value in _NEEDED.items()
             if metadata.get(key) != value]  # fmt: skip
    if wrong and metadata.get("KeyState") != "Enabled":
        wrong.append(f"KeyState is {metadata.get('KeyState')}")
    return Check(
        name="KMS key",
        ok=not wrong,
        detail=", ".join([metadata["Arn"], *wrong]),
        remedy="name an enabled symmetric key for encryption and decryption that a customer "
        "manages as `storage.keyArn`, or have this one enabled",
    )


def _check_policy(account: Account, key_arn: str) -> Check:
    """The key's policy, which only its own account can read."""
    name, owner = "KMS key policy", key_arn.split(":")[4]
    if owner != account.plan.settings.account_id:
        detail = f"not checked: the key is in account {owner}; {DOCS}"
        return Check(name=name, ok=True, detail=detail)
    try:
        with api.calling():
            answer = account.client("kms").get_key_policy(KeyId=key_arn, PolicyName="default")
    except api.AwsError as error:
        return Check(name=name, ok=True, detail=f"not checked: {error}; {DOCS}")
    missing = list(_find_missing(account, json.loads(answer["Policy"])["Statement"]))
    return Check(
        name=name,
        ok=not missing,
        detail="; ".join(missing) or "allows the account's roles and CloudWatch Logs to use it",
        remedy=f"have the key's owner add them: {DOCS}",
    )


def _find_missing(account: Account, statements: Sequence[Statement] | Statement) -> Iterator[str]:
    """What no statement allows; conditions other than that on log groups are not evaluated."""
    listed = _listed(statements)
    allowing = [item for item in listed if item.get("Effect") == "Allow" and "Action" in item]
    settings, plan = account.plan.settings, account.plan
    root = {naming.global_arn(plan, "iam", "root"), settings.account_id, "*"}
    of_account = [item for item in allowing if root & {*_principals(item, "AWS")}]
    if denied := _not_allowed(of_account, [*ENCRYPT, "kms:CreateGrant"]):
        yield f"does not allow account {settings.account_id} {', '.join(denied)}"
    service = f"logs.{settings.region}.{settings.dns_suffix}"
    of_logs = [item for item in allowing if {service, "*"} & {*_principals(item, "Service")}]
    for group in naming.log_groups(plan):
        arn = naming.arn(plan, "logs", f"log-group:{group}")
        for_group = [item for item in of_logs if _serves_group(item, arn)]
        if denied := _not_allowed(for_group, ENCRYPT):
            yield f"does not allow {service} {', '.join(denied)} for {arn}"


def _not_allowed(statements: Sequence[Statement], actions: Sequence[str]) -> list[str]:
    patterns = [text.lower() for item in statements for text in _listed(item["Action"])]
    return [
        action
        for action in actions
        if not any(fnmatchcase(action.lower(), pattern) for pattern in patterns)
    ]


def _principals(statement: Statement, kind: str) -> list[str]:
    principal = statement.get("Principal")
    return ["*"] if principal == "*" else _listed((principal or {}).get(kind))


def _serves_group(statement: Statement, arn: str) -> bool:
    """Whether a condition on the encryption context, if there is one, lets a log group through."""
    for values in statement.get("Condition", {}).values():
        for key, patterns in values.items():
            if key.lower() == LOG_CONTEXT.lower():
                return any(fnmatchcase(arn, pattern) for pattern in _listed(patterns))
    return True


def _listed(value: Any) -> list[Any]:
    """The values of a policy, which writes a single one without its list."""
    return value if isinstance(value, list) else [] if value is None else [value]
