"""Whether a stack can be deployed to an account: checked before anything is created."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pilothouse.targets.aws.clients import api
from pilothouse.targets.aws.operations import (
    deployer_policy,
    key_checks,
    network_checks,
    quotas,
    requirements_check,
)
from pilothouse.targets.aws.resources import TABLE
from pilothouse.targets.interface import Check

if TYPE_CHECKING:
    from pilothouse.targets.aws.clients.account import Account
    from pilothouse.targets.aws.resources.declaration import ListCall
    from pilothouse.targets.aws.settings.target import AwsPlan
    from pilothouse.targets.dry_run import Recording

ATTACH = "attach the policies that `pilothouse doctor --policy` prints to the deploying principal"
ACTIONS_AT_ONCE = 100  # in one simulation
SHOWN = 8  # denied actions in one line


def checks(plan: AwsPlan, account: Account, record_graph: Callable[[], Recording]) -> list[Check]:
    """Every check; only those of the credentials where these fail."""
    first = identity(account)
    if not all(check.ok for check in first):
        return first
    graph = record_graph()
    return [
        *first,
        _check("region", "ec2:DescribeRegions", lambda: _check_region(account)),
        _check("zones", "ec2:DescribeAvailabilityZones", lambda: _check_zones(account, graph)),
        *_check_network(account),
        *_check_key(account),
        *requirements_check.checks(plan),
        *_check_services(account, graph),
        *quotas.checks(account, graph),
        _check_permissions(plan, account, graph),
    ]


def identity(account: Account) -> list[Check]:
    """Whether there are credentials, and whether they belong to the stack's account."""
    try:
        with api.calling():
            caller = account.client("sts").get_caller_identity()
    except api.NoCredentials:
        return [Check(name="credentials", ok=False, detail="none found", remedy=api.LOG_IN)]
    except api.AwsError as error:
        return [Check(name="credentials", ok=False, detail=str(error), remedy=api.LOG_IN)]
    return [
        Check(name="credentials", ok=True, detail=caller["Arn"]),
        _check_account(account.plan.settings.account_id, caller["Account"]),
    ]


def _check_account(expected: str, actual: str) -> Check:
    mismatch = f"the credentials belong to {actual}, the stack to {expected}"
    return Check(
        name="account",
        ok=actual == expected,
        detail=actual if actual == expected else mismatch,
        remedy="use credentials of the stack's account, or correct `accountId` under "
        "`pilothouse:aws` in the stack file",
    )


def _check(name: str, action: str, check: Callable[[], Check]) -> Check:
    """A check; one that can't be made is a failure that hides no other."""
    try:
        with api.calling():
            return check()
    except api.AwsError as error:
        remedy = f"{ATTACH}: it allows {action}"
        return Check(name=name, ok=False, detail=str(error), remedy=remedy)


def _check_region(account: Account) -> Check:
    region = account.plan.settings.region
    answer = account.client("ec2").describe_regions(AllRegions=True)["Regions"]
    statuses = {item["RegionName"]: item.get("OptInStatus", "") for item in answer}
    status = statuses.get(region, "not found")
    return Check(
        name="region",
        ok=status in ("opt-in-not-required", "opted-in"),
        detail=f"{region}: {status}",
        remedy="enable it for the account, or name another as `region` in the stack file",
    )


def _check_zones(account: Account, graph: Recording) -> Check:
    subnets = [resource.inputs for resource in graph if resource.type == "aws:ec2/subnet:Subnet"]
    needed = sorted({subnet["availabilityZone"] for subnet in subnets})
    answer = account.client("ec2").describe_availability_zones()["AvailabilityZones"]
    available = {zone["ZoneName"] for zone in answer if zone["State"] == "available"}
    missing = [zone for zone in needed if zone not in available]
    return Check(
        name="zones",
        ok=not missing,
        detail=f"not available: {', '.join(missing)}"
        if missing
        else ", ".join(needed) or "not managed here",
        remedy=f"name two of {', '.join(sorted(available))} as `zones` in the stack file",
    )


def _check_network(account: Account) -> list[Check]:
    try:
        with api.calling():
            return list(network_checks.checks(account))
    except api.AwsError as error:
        remedy = f"{ATTACH}: it allows ec2:DescribeVpcs and the like"
        return [Check(name="network", ok=False, detail=str(error), remedy=remedy)]


def _check_key(account: Account) -> list[Check]:
    try:
        with api.calling():
            return list(key_checks.checks(account))
    except api.AwsError as error:
        remedy = (
            "correct `storage.keyArn` under `pilothouse:aws` in the stack file, or have the key's "
            f"policy allow account {account.plan.settings.account_id} and {ATTACH}"
        )
        return [Check(name="KMS key", ok=False, detail=str(error), remedy=remedy)]


def _check_services(account: Account, graph: Recording) -> Iterator[Check]:
    types = {resource.type for resource in graph}
    for declared in TABLE:
        if declared.availability and declared.type in types:
            yield _check_service(account, declared.availability)


def _check_service(account: Account, call: ListCall) -> Check:
    name = f"{call.service}, {call.operation.replace('_', ' ')}"
    try:
        with api.calling():
            getattr(account.client(call.service), call.operation)(**call.arguments)
    except api.AwsError as error:
        # A region without a service has no address for it, so that nothing answers.
        remedy = ATTACH if error.answer else _other_regions(account, call.service)
        return Check(name=name, ok=False, detail=str(error), remedy=remedy)
    return Check(name=name, ok=True, detail="available")


def _other_regions(account: Account, service: str) -> str:
    known = api.session().regions_of(service, account.plan.settings.region)
    regions = f"; regions with it: {', '.join(known)}" if known else ""
    return f"check that the region has the service, and the network path to it{regions}"


def _check_permissions(plan: AwsPlan, account: Account, graph: Recording) -> Check:
    """IAM's simulation of the policy's actions; it passes where it may not be run."""
    try:
        with api.calling():
            source = principal(account.client("sts").get_caller_identity()["Arn"])
            denied = [
                action
                for document in deployer_policy.documents(plan, graph)
                for statement in document["Statement"]
                for action in _denied_actions(account, source, statement)
            ]
    except api.AwsError as error:
        return Check(name="permissions", ok=True, detail=f"not simulated: {error}")
    more = f" and {len(denied) - SHOWN} more" if len(denied) > SHOWN else ""
    return Check(
        name="permissions",
        ok=not denied,
        detail=f"denied: {', '.join(denied[:SHOWN])}{more}"
        if denied
        else "all actions allowed (IAM policy simulation)",
        remedy=ATTACH,
    )


def principal(arn: str) -> str:
    """The ARN of the principal whose policies apply: a session's role, or the user."""
    _, partition, _, _, account, name = arn.split(":", 5)
    if not name.startswith("assumed-role/"):
        return arn
    return f"arn:{partition}:iam::{account}:role/{name.split('/')[1]}"


def _denied_actions(account: Account, source: str, statement: Mapping[str, Any]) -> Iterator[str]:
    actions: Sequence[str] = [action for action in statement["Action"] if "*" not in action]
    context = [
        {"ContextKeyName": key, "ContextKeyValues": _texts(value), "ContextKeyType": "string"}
        for key, value in statement.get("Condition", {}).get("StringEquals", {}).items()
    ]
    for start in range(0, len(actions), ACTIONS_AT_ONCE):
        for result in account.list_items(
            "iam",
            "simulate_principal_policy",
            "EvaluationResults",
            PolicySourceArn=source,
            ActionNames=actions[start : start + ACTIONS_AT_ONCE],
            ResourceArns=[_example_of(arn) for arn in statement["Resource"]],
            ContextEntries=context,
        ):
            if result["EvalDecision"] != "allowed":
                yield result["EvalActionName"]


def _texts(value: Any) -> list[str]:
    return value[:1] if isinstance(value, list) else [value]


def _example_of(pattern: str) -> str:
    """A resource that matches a pattern: the simulation takes `*` literally."""
    return pattern if pattern == "*" else pattern.replace("*", "any")
