"""SeaweedFS: a bucket for each application, and keys for that bucket only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pilothouse.config.platform_spec import Platform
    from pilothouse.services.generated_secrets import SecretKind

BUCKETS_PROGRAM = Path(__file__).parent / "programs" / "buckets.py"
BACKUPS_PROGRAM = Path(__file__).parent / "programs" / "backups.py"
REGION = "us-east-1"  # the region that requests to SeaweedFS are signed for
APPLICATIONS = ("data", "artifacts", "logs")
"""The roles of buckets: `data` for workloads, `artifacts` for MLflow, `logs` for Airflow."""
BACKUPS = "backups"
"""The role of the bucket for backups, where a target makes backups of databases."""

_ACCOUNT = "000000000000"  # of every user of the store
_BUCKET_SETTINGS = (
    "s3:PutBucketVersioning",
    "s3:PutLifecycleConfiguration",
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
    "s3:PutBucketAcl",
)
_ACTIONS = ("Read", "Write", "List", "Tagging")


def key_kinds(roles: Iterable[str] = APPLICATIONS) -> dict[str, SecretKind]:
    """The kinds of the secrets of the store's users: `<role>-access` and `<role>-secret`."""
    kinds: dict[str, SecretKind] = {}
    for role in ("admin", *roles):
        kinds |= {f"{role}-access": "access-key", f"{role}-secret": "password"}
    return kinds


def identities(keys: Mapping[str, str], buckets: Mapping[str, str]) -> dict[str, object]:
    """The content of `-s3.config`: an admin, and a user for each application's bucket.

    `keys` has the secrets of `key_kinds`, `buckets` the name of the bucket of each role.
    """
    admin = _identity("admin", keys, ["Admin", *_ACTIONS])
    others = [
        _identity(role, keys, [f"{action}:{bucket}" for action in _ACTIONS])
        for role, bucket in buckets.items()
    ]
    return {"identities": [admin, *others]}


def bucket_policy(role: str, bucket: str) -> dict[str, object]:
    """The policy that keeps a bucket's settings from its own user, whose `Write` includes them."""
    statement = {
        "Sid": "SettingsAreTheAdmins",
        "Effect": "Deny",
        "Principal": {"AWS": f"arn:aws:iam::{_ACCOUNT}:user/{role}"},
        "Action": list(_BUCKET_SETTINGS),
        "Resource": f"arn:aws:s3:::{bucket}",  # as the store returns it
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def is_versioned(platform: Platform, role: str) -> bool:
    """Whether the bucket of `role` retains overwritten and deleted objects."""
    return platform.storage.versioning and role not in ("logs", BACKUPS)


def retention_days(platform: Platform, role: str) -> int:
    """Days until noncurrent versions or logs expire; 0 if nothing in the bucket expires."""
    if role == "logs":
        return platform.orchestration.log_retention_days
    return platform.storage.retention_days if is_versioned(platform, role) else 0


def artifact_retention(platform: Platform) -> str:
    """What the bucket of artifacts keeps of deleted ones, as a sentence; "" for nothing."""
    days = retention_days(platform, "artifacts")
    return (
        f"the bucket keeps them as noncurrent versions: the space is free after {days} days more"
        if days
        else ""
    )


def client_variables(endpoint: str | None, region: str = REGION) -> dict[str, str]:
    """The environment variables of an S3 client, without the secret ones.

    Without an endpoint, the client calls the one that its region has by default.
    """
    return {
        **({"AWS_ENDPOINT_URL_S3": endpoint} if endpoint else {}),
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
    }


def _identity(role: str, keys: Mapping[str, str], actions: list[str]) -> dict[str, object]:
    pair = {"accessKey": keys[f"{role}-access"], "secretKey": keys[f"{role}-secret"]}
    return {"name": role, "credentials": [pair], "actions": actions}
