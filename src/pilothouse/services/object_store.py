"""Objects of a store that speaks S3, as the contract's storage capability tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pilothouse.errors import PilothouseError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

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
        from botocore.exceptions import BotoCoreError, ClientError

        bucket, key = self._place(name)
        try:
            return bytes(self._client.get_object(Bucket=bucket, Key=key)["Body"].read())
        except (BotoCoreError, ClientError) as error:
            if isinstance(error, ClientError) and error.response["Error"]["Code"] == "NoSuchKey":
                raise ObjectNotFound(f"no object {self.address(name)}") from error
            raise PilothouseError(f"cannot read {self.address(name)}: {error}") from error

    def write(self, name: str, content: Path) -> None:
        """Write the file `content` as an object, in parts where it is large.

        Raises PilothouseError where the store refuses or does not answer.
        """
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError

        bucket, key = self._place(name)
        try:
            self._client.upload_file(str(content), bucket, key)
        except (Boto3Error, BotoCoreError, ClientError) as error:
            raise PilothouseError(f"cannot write {self.address(name)}: {error}") from error

    def exists(self, name: str) -> bool:
        """Whether there is such an object; PilothouseError where the store does not answer."""
        from botocore.exceptions import BotoCoreError, ClientError

        bucket, key = self._place(name)
        try:
            self._client.head_object(Bucket=bucket, Key=key)
        except (BotoCoreError, ClientError) as error:
            if isinstance(error, ClientError) and error.response["Error"]["Code"] == "404":
                return False
            raise PilothouseError(f"cannot look at {self.address(name)}: {error}") from error
        return True

    def digests(self, prefix: str) -> Mapping[str, str]:
        """The names of the objects that begin with `prefix`, each with the store's digest of it.

        That is the MD5 of what was written at once. Raises PilothouseError where the store refuses
        or does not answer.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        bucket, start = self._place(prefix)
        cut = len(start) - len(prefix)
        try:
            pages = self._client.get_paginator("list_objects_v2")
            found = [
                each
                for page in pages.paginate(Bucket=bucket, Prefix=start)
                for each in page.get("Contents", [])
            ]
        except (BotoCoreError, ClientError) as error:
            raise PilothouseError(f"cannot list {self.address(prefix)}: {error}") from error
        return {each["Key"][cut:]: each["ETag"].strip('"') for each in found}

    def remove(self, name: str) -> None:
        """Delete an object; PilothouseError where the store refuses or does not answer."""
        from botocore.exceptions import BotoCoreError, ClientError

        bucket, key = self._place(name)
        try:
            self._client.delete_object(Bucket=bucket, Key=key)
        except (BotoCoreError, ClientError) as error:
            raise PilothouseError(f"cannot delete {self.address(name)}: {error}") from error

    def _place(self, name: str) -> tuple[str, str]:
        bucket, _, key = self.address(name).removeprefix("s3://").partition("/")
        return bucket, key

    @cached_property
    def _client(self) -> S3Client:
        """Of its own session, as boto3's default one keeps the identity it was first used with."""
        import boto3

        environment, secrets = self._storage.environment, self._storage.secrets
        return boto3.Session().client(
            "s3",
            endpoint_url=environment.get("AWS_ENDPOINT_URL_S3"),
            region_name=environment["AWS_REGION"],
            aws_access_key_id=secrets.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=secrets.get("AWS_SECRET_ACCESS_KEY"),
        )
