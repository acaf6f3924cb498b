"""What stands around a platform: logs, roles, keys, budgets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pilothouse.targets.aws.clients.account import head
from pilothouse.targets.aws.resources.kinds import Found, Kind

if TYPE_CHECKING:
    from pilothouse.targets.aws.clients.account import Account

SHARED_LOGS = ("/aws/sagemaker/TrainingJobs", "/aws/sagemaker/ProcessingJobs")
"""Groups of the whole account, in which each job has streams of its own."""

WAIT = 7  # days, the fewest, that AWS keeps a key that is to be deleted
FOREIGN = "resource-based policy"
"""What AWS says where a key's own policy, which would name us, keeps us out."""


def log_groups(account: Account) -> Iterator[Found]:
    """Those with the stack's name in theirs: services make theirs from it."""
    for each in account.listed("logs", "describe_log_groups", "logGroups"):
        name, arn = each["logGroupName"], each["arn"].removesuffix(":*")
        if account.bears(name) or account.owns(name, arn=arn):
            yield Found(id=name, name=name, arn=arn, detail=f"{each.get('storedBytes', 0)} bytes")


def _delete_log_group(account: Account, found: Found) -> None:
    account.client("logs").delete_log_group(logGroupName=found.id)


def log_streams(account: Account) -> Iterator[Found]:
    """Those of the stack's jobs: by their names, or where a pipeline named them by their tags."""
    for group in SHARED_LOGS:
        known = account.listed("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=group)
        if group not in [each["logGroupName"] for each in known]:
            continue
        for prefix in (head(account.plan), *_tagged_jobs(account)):
            for each in account.listed(
                "logs",
                "describe_log_streams",
                "logStreams",
                logGroupName=group,
                logStreamNamePrefix=prefix,
            ):
                stream = each["logStreamName"]
                if prefix != head(account.plan) or account.bears(stream):
                    about = {"logGroupName": group, "logStreamName": stream}
                    name = f"{group}/{stream}"
                    yield Found(id=name, name=name, inside=True, about=about)


def _tagged_jobs(account: Account) -> list[str]:
    """How the streams begin of the jobs that bear the stack's tags: a job stays for ever."""
    jobs = [arn for arn in account.hints if "-job/" in arn]
    return sorted(f"{arn.rpartition('/')[2]}/" for arn in jobs)


def _delete_log_stream(account: Account, found: Found) -> None:
    account.client("logs").delete_log_stream(**found.about)


def _roles(account: Account) -> Iterator[Found]:
    for each in account.listed("iam", "list_roles", "Roles"):
        name = each["RoleName"]
        if account.owns(name, tags=each.get("Tags") or ()):
            yield Found(id=name, name=name, arn=each["Arn"])


def _delete_role(account: Account, found: Found) -> None:
    iam = account.client("iam")
    for each in account.listed(
        "iam", "list_attached_role_policies", "AttachedPolicies", RoleName=found.id
    ):
        iam.detach_role_policy(RoleName=found.id, PolicyArn=each["PolicyArn"])
    for name in account.listed("iam", "list_role_policies", "PolicyNames", RoleName=found.id):
        iam.delete_role_policy(RoleName=found.id, PolicyName=name)
    iam.delete_role(RoleName=found.id)


def _policies(account: Account) -> Iterator[Found]:
    for each in account.listed("iam", "list_policies", "Policies", Scope="Local"):
        if account.owns(each["PolicyName"], tags=each.get("Tags") or ()):
            yield Found(id=each["Arn"], name=each["PolicyName"], arn=each["Arn"])


def _delete_policy(account: Account, found: Found) -> None:
    iam = account.client("iam")
    for each in account.listed("iam", "list_policy_versions", "Versions", PolicyArn=found.arn):
        if not each["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=found.arn, VersionId=each["VersionId"])
    iam.delete_policy(PolicyArn=found.arn)


def _aliases(account: Account) -> Iterator[Found]:
    for each in account.listed("kms", "list_aliases", "Aliases"):
        name = each["AliasName"]
        if account.owns(name):
            yield Found(id=name, name=name, arn=each["AliasArn"])


def _delete_alias(account: Account, found: Found) -> None:
    account.client("kms").delete_alias(AliasName=found.id)


def _keys(account: Account) -> Iterator[Found]:
    named = {
        each.get("TargetKeyId"): each["AliasName"]
        for each in account.listed("kms", "list_aliases", "Aliases")
    }
    for each in account.listed("kms", "list_keys", "Keys"):
        described = _described(account, each["KeyId"])
        if described and _is_ours(account, each["KeyId"], named.get(each["KeyId"], "")):
            date = described.get("DeletionDate")
            yield Found(
                id=each["KeyId"],
                name=named.get(each["KeyId"], each["KeyId"]),
                arn=each["KeyArn"],
                detail=described["KeyState"],
                pending=f"{date:%Y-%m-%d}" if date else "",
            )


def _described(account: Account, key: str) -> dict[str, Any] | None:
    """A key's metadata; None for AWS's own and for one that keeps us out by its own policy."""
    from botocore.exceptions import ClientError

    try:
        found: dict[str, Any] = account.client("kms").describe_key(KeyId=key)["KeyMetadata"]
    except ClientError as error:
        if FOREIGN in str(error):
            return None
        raise
    return found if found["KeyManager"] == "CUSTOMER" else None


def _is_ours(account: Account, key: str, alias: str) -> bool:
    tags = account.listed("kms", "list_resource_tags", "Tags", KeyId=key)
    return account.owns(alias) or account.owns(tags=list(tags))


def _delete_key(account: Account, found: Found) -> None:
    account.client("kms").schedule_key_deletion(KeyId=found.id, PendingWindowInDays=WAIT)


def _budgets(account: Account) -> Iterator[Found]:
    number = account.plan.settings.account_id
    for each in account.listed("budgets", "describe_budgets", "Budgets", AccountId=number):
        name = each["BudgetName"]
        if account.owns(name):
            yield Found(id=f"{number}:{name}", name=name)


def _delete_budget(account: Account, found: Found) -> None:
    account.client("budgets").delete_budget(
        AccountId=account.plan.settings.account_id, BudgetName=found.name
    )


KINDS = (
    Kind(
        name="log group",
        types=("aws:cloudwatch/logGroup:LogGroup",),
        find=log_groups,
        remove=_delete_log_group,
    ),
    Kind(name="log stream", find=log_streams, remove=_delete_log_stream),
    Kind(
        name="role",
        types=("aws:iam/role:Role",),
        find=_roles,
        remove=_delete_role,
        keeps=("mlflow-role",),
    ),
    Kind(name="policy", find=_policies, remove=_delete_policy),
    Kind(
        name="KMS alias",
        types=("aws:kms/alias:Alias",),
        find=_aliases,
        remove=_delete_alias,
        keeps=("*",),
    ),
    Kind(
        name="KMS key",
        types=("aws:kms/key:Key",),
        find=_keys,
        remove=_delete_key,
        keeps=("*",),
    ),
    Kind(
        name="budget",
        types=("aws:budgets/budget:Budget",),
        find=_budgets,
        remove=_delete_budget,
    ),
)
"""Made by what comes before them, or used by it: to be deleted last."""
