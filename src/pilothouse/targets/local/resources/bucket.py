"""A bucket of the stack's SeaweedFS."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

import pulumi

from pilothouse.errors import PilothouseError
from pilothouse.services.seaweedfs import REGION
from pilothouse.targets.local.resources.converge import (
    ConvergingProvider,
    ConvergingResource,
    Props,
)

_CLIENT_LOCK = Lock()  # boto3's default session is not thread-safe
TIMEOUT = 60.0  # seconds until the store answers


class BucketProvider(ConvergingProvider):
    """Creates the bucket with its settings; its objects go with the store."""

    replace_on = frozenset({"bucket"})

    def ensure(self, props: Props) -> Props:
        store = _client(props)
        _create(store, props["bucket"])
        _apply_settings(store, props)
        return {}

    def observe(self, props: Props) -> str | None:
        from botocore.exceptions import BotoCoreError, ClientError

        store = _client(props)
        try:
            store.head_bucket(Bucket=props["bucket"])
            return "" if _has_settings(store, props) else "settings changed"
        except ClientError as error:
            return (
                None if error.response["Error"]["Code"] in ("404", "NoSuchBucket") else str(error)
            )
        except BotoCoreError as error:
            return f"the store does not answer: {error}"

    def remove(self, props: Props) -> None:
        """The store's data is removed with its folder, unless data is retained."""


def _client(props: Props) -> Any:
    with _CLIENT_LOCK:
        return _create_client(props["endpoint"], props["access_key"], props["secret_key"])


@cache
def _create_client(endpoint: str, access_key: str, secret_key: str) -> Any:
    """One client for all buckets: its creation reads S3's model, which takes half a second."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        config=Config(
            retries={"total_max_attempts": 2},
            connect_timeout=5,
            read_timeout=20,
            proxies={},  # the store is on this machine
        ),
    )


def _create(store: Any, bucket: str) -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    deadline = time.monotonic() + TIMEOUT
    while True:
        try:
            store.create_bucket(Bucket=bucket)
        except (store.exceptions.BucketAlreadyOwnedByYou, store.exceptions.BucketAlreadyExists):
            return
        except (BotoCoreError, ClientError) as error:
            if time.monotonic() > deadline:
                raise PilothouseError(f"cannot create bucket {bucket}: {error}") from error
            time.sleep(0.1)
        else:
            return


def _apply_settings(store: Any, props: Props) -> None:
    bucket = props["bucket"]
    if props["versioning"] != _is_versioned(store, bucket):
        status = "Enabled" if props["versioning"] else "Suspended"
        store.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})
    if rules := _desired_rules(props):
        store.put_bucket_lifecycle_configuration(
            Bucket=bucket, LifecycleConfiguration={"Rules": rules}
        )
    elif _rules(store, bucket):
        store.delete_bucket_lifecycle(Bucket=bucket)
    store.put_bucket_policy(Bucket=bucket, Policy=props["policy"])


def _has_settings(store: Any, props: Props) -> bool:
    bucket = props["bucket"]
    return (
        _is_versioned(store, bucket) == props["versioning"]
        and _expiry(_rules(store, bucket)) == _expiry(_desired_rules(props))
        and _policy(store, bucket) == json.loads(props.get("policy", "null"))
    )


def _policy(store: Any, bucket: str) -> Any:
    """The policy as a document; None if there is none."""
    from botocore.exceptions import ClientError

    try:
        return json.loads(store.get_bucket_policy(Bucket=bucket)["Policy"])
    except ClientError:
        return None


def _is_versioned(store: Any, bucket: str) -> bool:
    return bool(store.get_bucket_versioning(Bucket=bucket).get("Status") == "Enabled")


def _rules(store: Any, bucket: str) -> list[dict[str, Any]]:
    from botocore.exceptions import ClientError

    try:
        return list(store.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"])
    except ClientError:
        return []


def _expiry(rules: list[dict[str, Any]]) -> list[Any]:
    return [rule.get("NoncurrentVersionExpiration", rule.get("Expiration")) for rule in rules]


def _desired_rules(props: Props) -> list[dict[str, Any]]:
    days = int(props["retention_days"])
    if not days:
        return []
    expiry = (
        {"NoncurrentVersionExpiration": {"NoncurrentDays": days}}
        if props["versioning"]
        else {"Expiration": {"Days": days}}
    )
    return [{"ID": "retention", "Status": "Enabled", "Filter": {"Prefix": ""}, **expiry}]


@dataclass(frozen=True, kw_only=True)
class BucketArgs:
    """A bucket and its store.

    policy: the bucket's policy, as JSON.
    retention_days: days until noncurrent versions expire, or objects without versioning; 0 for
        never.
    """

    bucket: str
    endpoint: pulumi.Input[str]
    access_key: pulumi.Input[str]
    secret_key: pulumi.Input[str]
    versioning: bool
    retention_days: int
    policy: str


class Bucket(ConvergingResource, module="pilothouse", name="Bucket"):
    """A bucket with versioning and retention."""

    bucket: pulumi.Output[str]

    def __init__(self, name: str, args: BucketArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__(BucketProvider(), name, {"name": name, **vars(args)}, opts)
