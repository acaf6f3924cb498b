"""Reads objects of a store that speaks S3, as the contract's storage capability tells of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pilothouse.errors import PilothouseError

if TYPE_CHECKING:
    from pilothouse.contract import Capability

READ_OBJECT = Path(__file__).parent / "programs" / "read_object.py"


class ObjectNotFound(PilothouseError):
    """The store has no object of that name."""


class S3ObjectStore:
    """The bucket of a storage capability. Without keys in it, the caller's own identity counts."""

    def __init__(self, storage: Capability[str]) -> None:
        self._storage = storage

    def address(self, name: str) -> str:
        """Where the object is, `s3://bucket/prefix/name`."""
        return f"{self._storage.uri.rstrip('/')}/{name}"

    def read(self, name: str) -> bytes:
        """The object's content.

        Raises ObjectNotFound, and PilothouseError where the store refuses or does not answer.
        """
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError

        environment, secrets = self._storage.environment, self._storage.secrets
        bucket, _, key = self.address(name).removeprefix("s3://").partition("/")
        try:
            store = boto3.client(
                "s3",
                endpoint_url=environment.get("AWS_ENDPOINT_URL_S3"),
                region_name=environment["AWS_REGION"],
                aws_access_key_id=secrets.get("AWS_ACCESS_KEY_ID"),
                aws_secret_access_key=secrets.get("AWS_SECRET_ACCESS_KEY"),
            )
            return bytes(store.get_object(Bucket=bucket, Key=key)["Body"].read())
        except (BotoCoreError, ClientError) as error:
            if isinstance(error, ClientError) and error.response["Error"]["Code"] == "NoSuchKey":
                raise ObjectNotFound(f"no object {self.address(name)}") from error
            raise PilothouseError(f"cannot read {self.address(name)}: {error}") from error
