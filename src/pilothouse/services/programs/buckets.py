"""Makes the platform's buckets, and sets their versioning and retention.

BUCKETS is JSON: a list of objects with `bucket`, `versioning` and `retention_days` (0 keeps all).
"""

import json
import os
import time
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

PATIENCE = 60.0  # seconds for the store to answer


def main() -> None:
    """Do all of it; whatever is there already is left or set right."""
    store = boto3.client("s3")
    for wanted in json.loads(os.environ["BUCKETS"]):
        make(store, wanted["bucket"])
        set_up(store, wanted)


def make(store: Any, bucket: str) -> None:
    """Make a bucket, as soon as the store answers."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            store.create_bucket(Bucket=bucket)
        except (store.exceptions.BucketAlreadyOwnedByYou, store.exceptions.BucketAlreadyExists):
            return
        except (BotoCoreError, ClientError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
        else:
            return


def set_up(store: Any, wanted: dict[str, Any]) -> None:
    """Give a bucket its versioning and its one rule of retention."""
    bucket, days = wanted["bucket"], wanted["retention_days"]
    known = store.get_bucket_versioning(Bucket=bucket).get("Status", "Suspended")
    status = "Enabled" if wanted["versioning"] else "Suspended"
    if status != known:
        store.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})
    if not days:
        store.delete_bucket_lifecycle(Bucket=bucket)
        return
    expiry = (
        {"NoncurrentVersionExpiration": {"NoncurrentDays": days}}
        if wanted["versioning"]
        else {"Expiration": {"Days": days}}
    )
    rule = {"ID": "retention", "Status": "Enabled", "Filter": {"Prefix": ""}, **expiry}
    store.put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": [rule]}
    )


if __name__ == "__main__":
    main()
