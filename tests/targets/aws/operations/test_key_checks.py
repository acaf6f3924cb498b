"""A key that is not the stack's and cannot encrypt for it is found out before anything is made."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from pilothouse.program.build import record_graph
from pilothouse.targets.aws import naming
from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.aws.operations import key_checks, preflight
from pilothouse.targets.interface import Check
from tests.targets.aws.managed import Managed
from tests.targets.aws.plans import ACCOUNT, REGION, Engine, plan_of
from tests.targets.suite.platforms import ROOT

ABSENT = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
ELSEWHERE = ABSENT.replace(ACCOUNT, "111122223333")
HERE = {"eu-west-1": REGION, "123456789012": ACCOUNT}


def documented() -> list[dict[str, Any]]:
    """The statements that the docs ask of the key's owner, for the tests' account and region."""
    text = (ROOT / "docs" / "aws-settings.md").read_text(encoding="utf-8")
    text = text.partition("```json\n")[2].partition("```")[0]
    for written, here in HERE.items():
        text = text.replace(written, here)
    statements: list[dict[str, Any]] = json.loads(text)
    return statements


def create_key(account: Account, statements: Sequence[Mapping[str, Any]], **more: Any) -> str:
    """The ARN of a key with that policy; moto has no default of its usage."""
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    usage = {"KeyUsage": "ENCRYPT_DECRYPT", **more}
    made = account.client("kms").create_key(Policy=policy, **usage)
    return str(made["KeyMetadata"]["Arn"])


def central(arn: str, engine: Engine = "airflow") -> Account:
    """The account of a stack that names this key."""
    return Account(plan_of("aws", engine=engine, storage={"keyArn": arn}))


def failed(account: Account) -> Check:
    (only,) = [check for check in key_checks.checks(account) if not check.ok]
    assert only.remedy
    return only


def test_a_key_with_the_documented_statements_passes(account: Account) -> None:
    found = list(key_checks.checks(central(create_key(account, documented()))))
    assert [(check.name, check.ok) for check in found] == [
        ("KMS key", True),
        ("KMS key policy", True),
    ]


def test_a_key_of_the_stack_s_own_is_not_looked_at(account: Account) -> None:
    assert list(key_checks.checks(account)) == []


def test_a_policy_that_allows_everything_passes(account: Account) -> None:
    everyone = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    assert all(check.ok for check in key_checks.checks(central(create_key(account, [everyone]))))


def test_a_policy_without_cloudwatch_logs_is_a_failure_that_names_a_log_group(
    account: Account,
) -> None:
    use, grants, _ = documented()
    only = failed(central(create_key(account, [use, grants])))
    assert only.name == "KMS key policy"
    group = naming.airflow_log_group(account.plan, "task")
    assert f"does not allow logs.{REGION}.amazonaws.com kms:Decrypt" in only.detail
    assert f"log-group:{group}" in only.detail


def test_log_groups_of_another_account_are_not_this_stack_s(account: Account) -> None:
    use, grants, logs = documented()
    logs["Condition"]["ArnLike"][key_checks.LOG_CONTEXT] = (
        f"arn:aws:logs:{REGION}:111122223333:log-group:*"
    )
    assert "for arn:aws:logs" in failed(central(create_key(account, [use, grants, logs]))).detail


@pytest.mark.parametrize(("left_out", "missing"), [(0, "kms:Decrypt, "), (1, "kms:CreateGrant")])
def test_a_policy_without_the_account_is_a_failure_that_names_what_is_missing(
    account: Account, left_out: int, missing: str
) -> None:
    statements = [item for number, item in enumerate(documented()) if number != left_out]
    only = failed(central(create_key(account, statements)))
    assert only.detail.startswith(f"does not allow account {ACCOUNT} {missing}")


def test_a_denial_allows_nothing(account: Account) -> None:
    use, grants, logs = documented()
    statements = [{**use, "Effect": "Deny", "Action": "kms:Decrypt"}, grants, logs]
    assert "kms:Decrypt" in failed(central(create_key(account, statements))).detail


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}, "KeySpec is RSA_2048"),
        ({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}, "KeyUsage is GENERATE_VERIFY"),
    ],
)
def test_a_key_for_something_else_is_a_failure(
    account: Account, made: dict[str, Any], words: str
) -> None:
    assert words in failed(central(create_key(account, documented(), **made))).detail


def test_a_disabled_key_is_a_failure(account: Account) -> None:
    arn = create_key(account, documented())
    account.client("kms").disable_key(KeyId=arn.rpartition("/")[2])
    assert "KeyState is Disabled" in failed(central(arn)).detail


def test_a_key_whose_deletion_is_scheduled_is_a_failure(account: Account) -> None:
    arn = create_key(account, documented())
    account.client("kms").schedule_key_deletion(KeyId=arn.rpartition("/")[2], PendingWindowInDays=7)
    assert "KeyState is PendingDeletion" in failed(central(arn)).detail


def test_the_policy_of_a_key_in_another_account_is_said_not_to_be_read(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    described = {
        "Arn": ELSEWHERE,
        "KeyState": "Enabled",
        "Enabled": True,
        "KeyManager": "CUSTOMER",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeySpec": "SYMMETRIC_DEFAULT",
    }
    monkeypatch.setattr(
        account.client("kms"), "describe_key", lambda **_: {"KeyMetadata": described}
    )
    policy = list(key_checks.checks(central(ELSEWHERE)))[-1]
    assert policy.ok
    assert policy.detail.startswith("not checked: the key is in account 111122223333")


def test_a_key_that_is_not_there_fails_the_preflight(account: Account, managed: Managed) -> None:
    managed.quotas = {}
    of_stack = central(ABSENT)
    found = preflight.checks(of_stack.plan, of_stack, lambda: record_graph(of_stack.plan))
    (only,) = [check for check in found if not check.ok]
    assert only.name == "KMS key"
    assert "NotFoundException" in only.detail
    assert "storage.keyArn" in only.remedy
