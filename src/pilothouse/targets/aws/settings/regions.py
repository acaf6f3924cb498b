"""The regions and their partitions, as botocore lists them; MWAA's are those of its API.

A test holds the lists against botocore's, so that a newer one shows what is missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Partition:
    """A part of AWS with separate accounts: the start of its ARNs and the end of its hosts."""

    name: str
    dns_suffix: str
    regions: frozenset[str]
    endpoints: bool = True
    """Whether its interface endpoints have the usual names."""
    budgets: bool = True
    """Whether it has an endpoint of Budgets."""


_AWS = frozenset(
    [
        "af-south-1",
        "ap-east-1",
        "ap-east-2",
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-south-2",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-southeast-3",
        "ap-southeast-4",
        "ap-southeast-5",
        "ap-southeast-6",
        "ap-southeast-7",
        "ca-central-1",
        "ca-west-1",
        "eu-central-1",
        "eu-central-2",
        "eu-north-1",
        "eu-south-1",
        "eu-south-2",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "il-central-1",
        "me-central-1",
        "me-south-1",
        "mx-central-1",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
    ]
)
PARTITIONS = (
    Partition("aws", "amazonaws.com", _AWS),
    Partition("aws-cn", "amazonaws.com.cn", frozenset({"cn-north-1", "cn-northwest-1"}), False),
    Partition(
        "aws-us-gov",
        "amazonaws.com",
        frozenset({"us-gov-east-1", "us-gov-west-1"}),
        budgets=False,
    ),
)
BY_REGION: Mapping[str, Partition] = {
    region: partition for partition in PARTITIONS for region in sorted(partition.regions)
}
"""Every region that a stack may be in, with its partition."""

WITHOUT_MWAA = frozenset({"ap-east-2", "ap-southeast-6", "us-gov-east-1", "us-gov-west-1"})
"""The regions of these in which MWAA has no endpoint."""
