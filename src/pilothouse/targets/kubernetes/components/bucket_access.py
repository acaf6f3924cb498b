"""How a pod accesses one bucket of the object store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pulumi

    from pilothouse.targets.kubernetes.objects.pods import SecretKey


@dataclass(frozen=True, kw_only=True)
class BucketAccess:
    """A bucket and the environment variables of an S3 client that may read and write it.

    environment: the variables that are not secret.
    keys: the secret variables of the stack's own store.
    references: the secret variables that a pod reads from the user's Secret instead, where the
        store is external.
    """

    bucket: str
    environment: Mapping[str, str]
    keys: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    references: Mapping[str, SecretKey] = field(default_factory=dict)

    @property
    def uri(self) -> str:
        """The URI of the bucket, such as `s3://pilot-data`."""
        return f"s3://{self.bucket}"
