"""What AWS bills for a resource of each type, from its inputs; prices are in the price book.

Sources: the price pages of the services, read for the book; each row there names its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from pilothouse.cost.charges import HOURS, Billing, Charge, Free

BillingRule = Callable[[str, Mapping[str, Any]], Billing]
"""What is billed for a resource, from its logical name and its inputs."""

INCLUDED_SCHEDULERS = 2
INCLUDED_WEB_SERVERS = 2
DAGS_GB = Decimal("0.1")
"""What the bucket of DAGs holds: a few files, in several versions."""

STUDIO_MACHINE = "ml.t3.medium"
"""The machine of a Studio app for which nobody chose one."""


def free(reason: str = "AWS bills nothing for it") -> BillingRule:
    """The rule of a type that is not billed itself, and why."""
    return lambda _name, _inputs: Free(reason=reason)


def always(*charges: Charge) -> BillingRule:
    """The rule of a type of which each resource is billed alike."""
    return lambda _name, _inputs: charges


def hourly(what: str, service: str, sku: str, count: int = 1, *, stops: bool = True) -> Charge:
    """Something that is billed for each hour while it exists; `stops` where a pause ends that."""
    return Charge(
        what=what,
        service=service,
        sku=sku,
        unit="hour",
        quantity=HOURS * count,
        ends_in_pause=stops,
    )


def used(what: str, service: str, sku: str, unit: str, usage: str) -> Charge:
    """Something that is billed by what is used of it."""
    return Charge(what=what, service=service, sku=sku, unit=unit, usage=usage)


def stored(what: str, service: str, sku: str, usage: str) -> Charge:
    """Something that is billed by what is kept of it, in a pause too."""
    return Charge(what=what, service=service, sku=sku, unit="GB-month", usage=usage, is_stored=True)


KEY = always(
    Charge(what="KMS key", service="kms", sku="kms-key", unit="month"),
    used("requests to KMS", "kms", "kms-request-10k", "10000 requests", "kmsRequests"),
)
ADDRESS = always(hourly("public IPv4 address", "vpc", "public-ipv4"))
NAT_GATEWAY = always(
    hourly("NAT gateway", "vpc", "nat-gateway-hour"),
    used("data through NAT", "vpc", "nat-gateway-gb", "GB", "natGb"),
)
REPOSITORY = always(stored("images", "ecr", "ecr-storage", "imageGb"))
BUDGET = always(Charge(what="budget", service="budgets", sku="budget", unit="month"))
BUDGET_ACTION = always(
    Charge(
        what="budget with an action",
        service="budgets",
        sku="budget-action",
        unit="day",
        quantity=HOURS / 24,
    )
)
MLFLOW_APP = always(hourly("MLflow App", "sagemaker", "mlflow-app", stops=False))
STUDIO_DOMAIN = always(
    Charge(what="Studio domain", service="sagemaker", sku="studio-domain", unit="month"),
    used("Studio apps", "sagemaker", STUDIO_MACHINE, "hour", "studioHours"),
    stored("people's files", "efs", "efs-standard", "studioGb"),
)


def bucket(name: str, _inputs: Mapping[str, Any]) -> Billing:
    """A bucket's objects; those of DAGs are few."""
    standard = "s3-standard"
    if name not in ("data", "artifacts"):
        return [
            Charge(what="DAGs", service="s3", sku=standard, unit="GB-month", quantity=DAGS_GB),
        ]
    return [stored(f"objects of {name}", "s3", standard, f"{name}Gb")]


def endpoint(_name: str, inputs: Mapping[str, Any]) -> Billing:
    """An endpoint of a service: one with interfaces is billed for each zone."""
    if inputs.get("vpcEndpointType") != "Interface":
        return Free(reason="gateway endpoints are free")
    zones = len(inputs.get("subnetIds") or ())
    return [hourly("interface endpoint", "vpc", "interface-endpoint-hour", zones)]


def environment(_name: str, inputs: Mapping[str, Any]) -> Billing:
    """An MWAA environment: its hours have a scheduler's, one worker's and web servers'."""
    machine = inputs.get("environmentClass", "mw1.small")
    charges = [
        hourly(f"Airflow {machine}", "mwaa", f"{machine}-environment"),
        used("Airflow's database", "mwaa", "mwaa-metadata-storage", "GB-month", "metadataGb"),
    ]
    for key, included, part in (
        ("schedulers", INCLUDED_SCHEDULERS, "scheduler"),
        ("minWebservers", INCLUDED_WEB_SERVERS, "webserver"),
        ("minWorkers", 1, "worker"),
    ):
        if (more := int(inputs.get(key) or included) - included) > 0:
            charges.append(hourly(f"{part}s above the first", "mwaa", f"{machine}-{part}", more))
    if int(inputs.get("maxWorkers") or 1) > max(int(inputs.get("minWorkers") or 1), 1):
        charges.append(
            used("workers above the least", "mwaa", f"{machine}-worker", "hour", "extraWorkerHours")
        )
    return charges


def tracking_server(_name: str, inputs: Mapping[str, Any]) -> Billing:
    """An MLflow tracking server, which is billed by the hour of its size."""
    size = str(inputs.get("trackingServerSize") or "Small")
    sku = f"mlflow-tracking-server-{size.lower()}"
    return [hourly(f"MLflow tracking server {size}", "sagemaker", sku)]


def platform(machines: Sequence[str], *, by_endpoints: bool) -> Sequence[Charge]:
    """What is billed for the use of the whole platform: jobs on `machines`, logs, traffic.

    The hours of all jobs are shared evenly by the machines, one for each step. `by_endpoints` says
    whether AWS's services are reached by interface endpoints.
    """
    share = Decimal(1) / len(machines)
    jobs = [
        Charge(
            what=f"jobs on {machine}",
            service="sagemaker",
            sku=machine,
            unit="hour",
            quantity=share * machines.count(machine),
            usage="jobHours",
        )
        for machine in sorted(set(machines))
    ]
    gb = used("data through endpoints", "vpc", "interface-endpoint-gb", "GB", "endpointGb")
    return [
        *jobs,
        *([gb] if by_endpoints else []),
        used("logs written", "cloudwatch", "logs-ingest", "GB", "logsGb"),
        stored("logs kept", "cloudwatch", "logs-storage", "logsGb"),
        used("writes to buckets", "s3", "s3-put-1k", "1000 requests", "writeRequests"),
        used("data to the internet", "data-transfer", "internet-out", "GB", "internetOutGb"),
    ]
