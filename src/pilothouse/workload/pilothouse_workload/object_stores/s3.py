"""Objects of a store that speaks S3."""

import os

import boto3
from botocore.config import Config

from pilothouse_workload.object_stores import Address

# Seconds and tries: a store that does not answer is an error within half a minute.
CLIENT = Config(connect_timeout=5, read_timeout=20, retries={"max_attempts": 3, "mode": "standard"})


class S3ObjectStore:
    """A bucket, reached as boto3's variables say; `AWS_REGION` counts too."""

    def __init__(self, bucket: str, prefix: str) -> None:
        self._bucket = bucket
        self._prefix = prefix
        region = os.environ.get("AWS_REGION") or None
        self._client = boto3.client("s3", region_name=region, config=CLIENT)

    def write(self, name: str, body: bytes) -> None:
        """Write one object."""
        self._client.put_object(Bucket=self._bucket, Key=self._prefix + name, Body=body)

    def read(self, name: str) -> bytes:
        """Read one object."""
        answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + name)
        body: bytes = answer["Body"].read()
        return body


def connect(address: Address) -> S3ObjectStore:
    """The bucket of an address."""
    return S3ObjectStore(address.parts["container"], address.prefix)
