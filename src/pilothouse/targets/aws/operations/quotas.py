"""Whether an account's quotas allow what a stack adds to what the account uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pilothouse.targets.aws.clients import api
from pilothouse.targets.aws.resources import TABLE
from pilothouse.targets.interface import Check
from pilothouse.targets.shared import inventory

if TYPE_CHECKING:
    from pilothouse.targets.aws.clients.account import Account
    from pilothouse.targets.aws.resources.declaration import AwsResource, Quota
    from pilothouse.targets.dry_run import Recording

CONSOLE = "https://console.aws.amazon.com/servicequotas"


def checks(account: Account, graph: Recording) -> Iterator[Check]:
    """A check for each quota that the graph's resources count towards."""
    needed = Counter(resource.type for resource in graph)
    for declared in TABLE:
        if declared.quota and needed[declared.type]:
            yield _check(account, declared, declared.quota, needed[declared.type])


def _check(account: Account, declared: AwsResource, quota: Quota, needed: int) -> Check:
    name = f"quota of {quota.name}"
    try:
        with api.calling():
            limit = _limit(account, quota)
            used = quota.count_used(account)
            more = max(0, needed - len(inventory.find(account, declared)))
    except api.AwsError as error:
        return Check(name=name, ok=True, detail=f"not checked: {error}")
    if limit is None:
        return Check(name=name, ok=True, detail="not checked: AWS lists no quota of that name")
    return Check(
        name=name,
        ok=used + more <= limit,
        detail=f"{used} of {limit:g} used, {more} more needed",
        remedy=f"delete unused resources, or request an increase at {CONSOLE}",
    )


def _limit(account: Account, quota: Quota) -> float | None:
    """The limit that applies to the account; None where it is not listed."""
    listed = account.list_items(
        "service-quotas", "list_service_quotas", "Quotas", ServiceCode=quota.service
    )
    words = quota.name.lower()
    return next(
        (float(item["Value"]) for item in listed if words in item["QuotaName"].lower()), None
    )
