"""The objects of one run in the S3 store."""

import json
from typing import Any

import boto3
from botocore.config import Config

from pilothouse_workload.settings import Settings

# Seconds and tries: a store that does not answer is an error within half a minute.
CLIENT = Config(connect_timeout=5, read_timeout=20, retries={"max_attempts": 3, "mode": "standard"})


class Store:
    """Reads and writes under `runs/<token>/`; botocore's own errors come through."""

    def __init__(self, settings: Settings) -> None:
        self._bucket = settings.bucket
        self._prefix = settings.prefix
        self._client = boto3.client("s3", region_name=settings.region, config=CLIENT)

    def put(self, name: str, body: bytes) -> None:
        """Write one object, replacing what was there."""
        self._client.put_object(Bucket=self._bucket, Key=self._prefix + name, Body=body)

    def get(self, name: str) -> bytes:
        """Read one object."""
        answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + name)
        body: bytes = answer["Body"].read()
        return body

    def put_document(self, name: str, document: dict[str, Any]) -> None:
        """Write `<name>.json`."""
        self.put(f"{name}.json", json.dumps(document, sort_keys=True).encode())

    def get_document(self, name: str) -> dict[str, Any]:
        """Read `<name>.json`."""
        document: dict[str, Any] = json.loads(self.get(f"{name}.json"))
        return document
