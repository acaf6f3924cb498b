"""Whether an account's quotas bear what a stack adds to what is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pilothouse.targets.aws.clients import api
from pilothouse.targets.aws.resources import named
from pilothouse.targets.interface import Check

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pilothouse.targets.aws.clients.account import Account
    from pilothouse.targets.aws.resources.kinds import Found
    from pilothouse.targets.shared.dry_run import Recording

WHERE = "https://console.aws.amazon.com/servicequotas"


@dataclass(frozen=True, kw_only=True)
class Quota:
    """A limit of a service, by the words in its name, and what counts towards it.

    own: what of it is the stack's already.
    """

    service: str
    words: str
    type: str
    used: Callable[[Account], int]
    own: Callable[[Account], Iterable[Found]]


def _count(service: str, operation: str, key: str) -> Callable[[Account], int]:
    return lambda account: sum(1 for _ in account.listed(service, operation, key))


def _fullest_zone(account: Account) -> int:
    """NAT gateways in the zone that has most of them."""
    subnets = account.listed("ec2", "describe_subnets", "Subnets")
    zones = {each["SubnetId"]: each["AvailabilityZone"] for each in subnets}
    gateways = account.listed("ec2", "describe_nat_gateways", "NatGateways")
    living = [each for each in gateways if each["State"] in ("pending", "available")]
    counts = Counter(zones.get(each["SubnetId"]) for each in living)
    return max(counts.values(), default=0)


QUOTAS = (
    Quota(
        service="vpc",
        words="VPCs per Region",
        type="aws:ec2/vpc:Vpc",
        used=_count("ec2", "describe_vpcs", "Vpcs"),
        own=named("VPC").find,
    ),
    Quota(
        service="vpc",
        words="Internet gateways per Region",
        type="aws:ec2/internetGateway:InternetGateway",
        used=_count("ec2", "describe_internet_gateways", "InternetGateways"),
        own=named("internet gateway").find,
    ),
    Quota(
        service="vpc",
        words="NAT gateways per Availability Zone",
        type="aws:ec2/natGateway:NatGateway",
        used=_fullest_zone,
        own=named("NAT gateway").find,
    ),
    Quota(
        service="ec2",
        words="EC2-VPC Elastic IPs",
        type="aws:ec2/eip:Eip",
        used=_count("ec2", "describe_addresses", "Addresses"),
        own=named("elastic IP").find,
    ),
    Quota(
        service="airflow",
        words="Environments per account per Region",
        type="aws:mwaa/environment:Environment",
        used=_count("mwaa", "list_environments", "Environments"),
        own=named("MWAA environment").find,
    ),
)
"""Those that a default account comes near to."""


def checks(account: Account, graph: Recording) -> Iterator[Check]:
    """A check for each quota that the graph's resources count towards."""
    wanted = Counter(each.type for each in graph)
    for quota in QUOTAS:
        if wanted[quota.type]:
            yield _checked(account, quota, wanted[quota.type])


def _checked(account: Account, quota: Quota, wanted: int) -> Check:
    name = f"quota of {quota.words}"
    try:
        with api.calling():
            limit = _limit(account, quota)
            used = quota.used(account)
            more = max(0, wanted - sum(1 for _ in quota.own(account)))
    except api.AwsError as error:
        return Check(name=name, ok=True, detail=f"not looked at: {error}")
    if limit is None:
        return Check(name=name, ok=True, detail="not looked at: AWS lists none of that name")
    return Check(
        name=name,
        ok=used + more <= limit,
        detail=f"{used} of {limit:g} used, {more} more needed",
        remedy=f"remove what is not used, or ask for more at {WHERE}",
    )


def _limit(account: Account, quota: Quota) -> float | None:
    """What applies to the account; None where it is not listed."""
    found = account.listed(
        "service-quotas", "list_service_quotas", "Quotas", ServiceCode=quota.service
    )
    wanted = quota.words.lower()
    return next(
        (float(each["Value"]) for each in found if wanted in each["QuotaName"].lower()), None
    )
