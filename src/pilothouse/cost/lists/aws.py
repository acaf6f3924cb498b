"""AWS's price list: a CSV for each offer and region, open to everybody.

A row of the list is known by its usage type, which begins with the region's code in most regions,
and by its operation where several services share the usage type.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import islice

from pilothouse.cost.lists import http
from pilothouse.cost.lists.listed import Listed, Row
from pilothouse.errors import PilothouseError

URL = "https://pricing.us-east-1.amazonaws.com"
_HEAD = 5
"""The lines before the columns: version, disclaimer, publication date, version, offer."""

ANY = ""
"""The operation of a query that every operation answers."""

_SIZES = {"small": "Small", "medium": "Medium", "large": "Large"}


@dataclass(frozen=True, kw_only=True)
class _Query:
    """How the list names a price. `per`: how many of its units are one of the book's."""

    offer: str
    usage: str
    operation: str = ANY
    per: int = 1


def _query(offer: str, usage: str, operation: str = ANY, per: int = 1) -> _Query:
    return _Query(offer=offer, usage=usage, operation=operation, per=per)


_QUERIES: Mapping[tuple[str, str], _Query] = {
    ("cloudwatch", "logs-ingest"): _query("AmazonCloudWatch", "DataProcessing-Bytes"),
    ("cloudwatch", "logs-storage"): _query("AmazonCloudWatch", "TimedStorage-ByteHrs"),
    ("ebs", "ebs-gp2"): _query("AmazonEC2", "EBS:VolumeUsage.gp2"),
    ("ebs", "ebs-gp3"): _query("AmazonEC2", "EBS:VolumeUsage.gp3"),
    ("ecr", "ecr-storage"): _query("AmazonECR", "TimedStorage-ByteHrs"),
    ("efs", "efs-standard"): _query("AmazonEFS", "TimedStorage-ByteHrs"),
    ("eks", "eks-cluster"): _query("AmazonEKS", "AmazonEKS-Hours:perCluster", "CreateOperation"),
    ("elb", "alb-hour"): _query("AWSELB", "LoadBalancerUsage", "LoadBalancing:Application"),
    ("elb", "alb-lcu-hour"): _query("AWSELB", "LCUUsage", "LoadBalancing:Application"),
    ("kms", "kms-key"): _query("awskms", "KMS-Keys"),
    ("kms", "kms-request-10k"): _query("awskms", "KMS-Requests", per=10_000),
    ("s3", "s3-standard"): _query("AmazonS3", "TimedStorage-ByteHrs"),
    ("s3", "s3-put-1k"): _query("AmazonS3", "Requests-Tier1", per=1000),
    ("s3", "s3-get-1k"): _query("AmazonS3", "Requests-Tier2", per=1000),
    ("secretsmanager", "secret"): _query("AWSSecretsManager", "AWSSecretsManager-Secrets"),
    ("vpc", "interface-endpoint-hour"): _query("AmazonVPC", "VpcEndpoint-Hours"),
    ("vpc", "interface-endpoint-gb"): _query("AmazonVPC", "VpcEndpoint-Bytes"),
    ("vpc", "nat-gateway-hour"): _query("AmazonEC2", "NatGateway-Hours"),
    ("vpc", "nat-gateway-gb"): _query("AmazonEC2", "NatGateway-Bytes"),
    ("vpc", "public-ipv4"): _query("AmazonVPC", "PublicIPv4:InUseAddress"),
    **{
        ("mwaa", f"mw1.{size}-{part.lower()}"): _query("AmazonMWAA", f"Airflow-{word}{part}")
        for size, word in _SIZES.items()
        for part in ("Environment", "Worker", "Scheduler", "Webserver")
    },
    **{
        ("sagemaker", f"mlflow-tracking-server-{size}"): _query(
            "AmazonSageMaker", f"MLflow:TrackingServerCompute-{word}"
        )
        for size, word in _SIZES.items()
    },
}


class AwsPriceList:
    """The list at `url`."""

    def __init__(self, url: str = URL) -> None:
        self._url = url

    def can_answer(self, row: Row) -> bool:
        """Whether the usage type of what a row prices is known."""
        return _query_of(row) is not None

    def answer(self, rows: Iterable[Row]) -> Iterator[tuple[Row, Listed | None]]:
        """What is listed for each row: an offer is read once for each region."""
        asked: defaultdict[tuple[str, str], list[tuple[Row, _Query]]] = defaultdict(list)
        for row in rows:
            if query := _query_of(row):
                asked[query.offer, row["region"]].append((row, query))
        for (offer, region), wanted in sorted(asked.items(), key=lambda item: item[0]):
            yield from self._of_offer(offer, region, wanted)

    def _of_offer(
        self, offer: str, region: str, wanted: list[tuple[Row, _Query]]
    ) -> Iterator[tuple[Row, Listed | None]]:
        source = f"{self._url}/offers/v1.0/aws/{offer}/current/{region}/index.csv"
        names = {query.usage for _, query in wanted}
        tiers: defaultdict[tuple[str, str], list[tuple[Decimal, Decimal]]] = defaultdict(list)
        with http.lines_of(source) as lines:
            head = dict(islice(csv.reader(lines), _HEAD))
            for line in csv.DictReader(lines):
                usage = _without_region(line.get("usageType") or "", names)
                if usage and (tier := _tier(line, source)):
                    tiers[usage, line.get("operation") or ""].append(tier)
                    tiers[usage, ANY].append(tier)
        day = _day(head.get("Publication Date", ""), source)
        for row, query in wanted:
            found = min(tiers.get((query.usage, query.operation), ()), default=None)
            yield row, found and Listed(usd=found[1] * query.per, day=day, source=source)


def _query_of(row: Row) -> _Query | None:
    service, sku = row["service"], row["sku"]
    if service == "ec2":
        return _query("AmazonEC2", f"BoxUsage:{sku}", "RunInstances")
    if service == "sagemaker" and sku.startswith("ml."):
        return _query("AmazonSageMaker", f"Train:{sku}")
    return _QUERIES.get((service, sku))


def _without_region(usage: str, names: set[str]) -> str:
    """The one of `names` that a usage type is, with or without a region's code before it."""
    plain = re.sub(r"^[A-Z]+[0-9]?-", "", usage)
    return next((name for name in (usage, plain) if name in names), "")


def _tier(line: Mapping[str, str], source: str) -> tuple[Decimal, Decimal] | None:
    """Where a tier that is billed by use begins, and its price; None for any other line."""
    if (line["TermType"], line["Currency"]) != ("OnDemand", "USD"):
        return None
    price = _decimal(line["PricePerUnit"], source)
    return (_decimal(line["StartingRange"] or "0", source), price) if price else None


def _decimal(text: str, source: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise PilothouseError(f"{source} has the price {text!r}, which is no number") from error


def _day(text: str, source: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        message = f"{source} is no price list: it has no publication date"
        raise PilothouseError(message) from error
