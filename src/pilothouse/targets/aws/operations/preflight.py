"""Whether an account can carry a stack: looked at before anything is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pilothouse.targets.aws.clients import api
from pilothouse.targets.aws.operations import deployer_policy, quotas
from pilothouse.targets.interface import Check

if TYPE_CHECKING:
    from pilothouse.plan import Plan
    from pilothouse.targets.aws.clients.account import Account
    from pilothouse.targets.shared.dry_run import Recording

ATTACH = "attach what `pilothouse doctor --policy` prints to whoever deploys"
AT_ONCE = 100  # actions in one simulation
SHOWN = 8  # refused actions in one line


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service, and its cheapest list call: one that answers is there and may be asked."""

    name: str
    operation: str
    prefix: str
    arguments: Mapping[str, Any]


_LIST = {"MaxResults": 1}
SERVICES = (
    Service(name="s3", operation="list_buckets", prefix="aws:s3/", arguments={}),
    Service(name="kms", operation="list_keys", prefix="aws:kms/", arguments={"Limit": 1}),
    Service(name="iam", operation="list_roles", prefix="aws:iam/", arguments={"MaxItems": 1}),
    Service(
        name="logs",
        operation="describe_log_groups",
        prefix="aws:cloudwatch/",
        arguments={"limit": 1},
    ),
    Service(
        name="ecr",
        operation="describe_repositories",
        prefix="aws:ecr/",
        arguments={"maxResults": 1},
    ),
    Service(name="mwaa", operation="list_environments", prefix="aws:mwaa/", arguments=_LIST),
    Service(
        name="sagemaker",
        operation="list_mlflow_apps",
        prefix="aws:sagemaker/mlflowApp",
        arguments=_LIST,
    ),
    Service(
        name="sagemaker",
        operation="list_mlflow_tracking_servers",
        prefix="aws:sagemaker/mlflowTrackingServer",
        arguments=_LIST,
    ),
    Service(name="sagemaker", operation="list_pipelines", prefix="aws:sagemaker/", arguments=_LIST),
)
"""Asked where the graph has a type that begins with `prefix`."""


def checks(plan: Plan, account: Account, record_graph: Callable[[], Recording]) -> list[Check]:
    """Every check; only those of the credentials where these fail."""
    first = identity(account)
    if not all(check.ok for check in first):
        return first
    graph = record_graph()
    return [
        *first,
        _looked("region", "ec2:DescribeRegions", lambda: _region(account)),
        _looked("zones", "ec2:DescribeAvailabilityZones", lambda: _zones(account, graph)),
        *_services(account, graph),
        *quotas.checks(account, graph),
        _rights(plan, account, graph),
    ]


def identity(account: Account) -> list[Check]:
    """Whether there are credentials, and whether they are of the stack's account."""
    try:
        with api.calling():
            found = account.client("sts").get_caller_identity()
    except api.NoCredentials:
        return [Check(name="credentials", ok=False, detail="none found", remedy=api.LOG_IN)]
    except api.AwsError as error:
        return [Check(name="credentials", ok=False, detail=str(error), remedy=api.LOG_IN)]
    return [
        Check(name="credentials", ok=True, detail=found["Arn"]),
        _account(account.plan.settings.account_id, found["Account"]),
    ]


def _account(wanted: str, found: str) -> Check:
    return Check(
        name="account",
        ok=found == wanted,
        detail=found if found == wanted else f"the credentials are of {found}, not of {wanted}",
        remedy="use credentials of that account, or correct `accountId` under `pilothouse:aws` "
        "in the stack file",
    )


def _looked(name: str, action: str, look: Callable[[], Check]) -> Check:
    """A check; one that can't be made hides no other."""
    try:
        with api.calling():
            return look()
    except api.AwsError as error:
        remedy = f"{ATTACH}: it allows {action}"
        return Check(name=name, ok=False, detail=str(error), remedy=remedy)


def _region(account: Account) -> Check:
    region = account.plan.settings.region
    answer = account.client("ec2").describe_regions(AllRegions=True)["Regions"]
    found = {each["RegionName"]: each.get("OptInStatus", "") for each in answer}
    status = found.get(region, "not there")
    return Check(
        name="region",
        ok=status in ("opt-in-not-required", "opted-in"),
        detail=f"{region}: {status}",
        remedy="enable it for the account, or name another as `region` in the stack file",
    )


def _zones(account: Account, graph: Recording) -> Check:
    inputs = [each.inputs for each in graph if each.type == "aws:ec2/subnet:Subnet"]
    wanted = sorted({each["availabilityZone"] for each in inputs})
    answer = account.client("ec2").describe_availability_zones()["AvailabilityZones"]
    found = {each["ZoneName"] for each in answer if each["State"] == "available"}
    lacking = [zone for zone in wanted if zone not in found]
    return Check(
        name="zones",
        ok=not lacking,
        detail=f"not there: {', '.join(lacking)}" if lacking else ", ".join(wanted) or "not ours",
        remedy=f"name two of {', '.join(sorted(found))} as `zones` in the stack file",
    )


def _services(account: Account, graph: Recording) -> Iterator[Check]:
    types = {each.type for each in graph}
    for service in SERVICES:
        if any(each.startswith(service.prefix) for each in types):
            yield _service(account, service)


def _service(account: Account, service: Service) -> Check:
    name = f"{service.name}, {service.operation.replace('_', ' ')}"
    try:
        with api.calling():
            getattr(account.client(service.name), service.operation)(**service.arguments)
    except api.AwsError as error:
        # A region that lacks a service has no address for it, and nobody who answers.
        remedy = ATTACH if error.answer else _elsewhere(account, service.name)
        return Check(name=name, ok=False, detail=str(error), remedy=remedy)
    return Check(name=name, ok=True, detail="answers")


def _elsewhere(account: Account, service: str) -> str:
    known = api.session(account.plan.settings.region).get_available_regions(service)
    regions = f"; it is known in {', '.join(known)}" if known else ""
    return f"look whether the region has the service, and at the way to it{regions}"


def _rights(plan: Plan, account: Account, graph: Recording) -> Check:
    """What IAM says of the policy's actions; that it may not be asked is no obstacle."""
    try:
        with api.calling():
            source = principal(account.client("sts").get_caller_identity()["Arn"])
            refused = [
                action
                for document in deployer_policy.documents(plan, graph)
                for statement in document["Statement"]
                for action in _refused(account, source, statement)
            ]
    except api.AwsError as error:
        return Check(name="rights", ok=True, detail=f"not simulated: {error}")
    more = f" and {len(refused) - SHOWN} more" if len(refused) > SHOWN else ""
    return Check(
        name="rights",
        ok=not refused,
        detail=f"not allowed: {', '.join(refused[:SHOWN])}{more}" if refused else "all, simulated",
        remedy=ATTACH,
    )


def principal(arn: str) -> str:
    """Whose policies decide: a session's role, or the user."""
    _, partition, _, _, account, name = arn.split(":", 5)
    if not name.startswith("assumed-role/"):
        return arn
    return f"arn:{partition}:iam::{account}:role/{name.split('/')[1]}"


def _refused(account: Account, source: str, statement: Mapping[str, Any]) -> Iterator[str]:
    actions: Sequence[str] = [each for each in statement["Action"] if "*" not in each]
    context = [
        {"ContextKeyName": key, "ContextKeyValues": _texts(value), "ContextKeyType": "string"}
        for key, value in statement.get("Condition", {}).get("StringEquals", {}).items()
    ]
    for start in range(0, len(actions), AT_ONCE):
        for each in account.listed(
            "iam",
            "simulate_principal_policy",
            "EvaluationResults",
            PolicySourceArn=source,
            ActionNames=actions[start : start + AT_ONCE],
            ResourceArns=[_one(arn) for arn in statement["Resource"]],
            ContextEntries=context,
        ):
            if each["EvalDecision"] != "allowed":
                yield each["EvalActionName"]


def _texts(value: Any) -> list[str]:
    return value[:1] if isinstance(value, list) else [value]


def _one(pattern: str) -> str:
    """A resource that a pattern is about: the simulation takes `*` as it stands."""
    return pattern if pattern == "*" else pattern.replace("*", "any")
