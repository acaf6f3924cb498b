"""SeaweedFS: a bucket for each application, and keys that open that bucket only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pilothouse.config.platform_spec import Platform
    from pilothouse.services.generated import Kind

BUCKETS = Path(__file__).parent / "programs" / "buckets.py"
REGION = "us-east-1"  # what SeaweedFS answers to; requests are signed for it
APPLICATIONS = ("data", "artifacts", "logs")
"""Whom a bucket is for: `data` for workloads, `artifacts` for MLflow, `logs` for Airflow."""
BACKUPS = "backups"
"""Whom one more bucket is for, where databases are backed up."""

_ACTIONS = ("Read", "Write", "List", "Tagging")


def key_kinds(roles: Iterable[str] = APPLICATIONS) -> dict[str, Kind]:
    """The secrets of the store's users: `<role>-access` and `<role>-secret` of each."""
    kinds: dict[str, Kind] = {}
    for role in ("admin", *roles):
        kinds |= {f"{role}-access": "access-key", f"{role}-secret": "password"}
    return kinds


def identities(keys: Mapping[str, str], buckets: Mapping[str, str]) -> dict[str, object]:
    """The document of `-s3.config`: an admin, and each application with its own bucket."""
    admin = _identity("admin", keys, ["Admin", *_ACTIONS])
    others = [
        _identity(role, keys, [f"{action}:{bucket}" for action in _ACTIONS])
        for role, bucket in buckets.items()
    ]
    return {"identities": [admin, *others]}


def versioned(platform: Platform, role: str) -> bool:
    """Whether the bucket of `role` keeps what is overwritten or deleted."""
    return platform.storage.versioning and role not in ("logs", BACKUPS)


def retention_days(platform: Platform, role: str) -> int:
    """Days until noncurrent versions go, or logs; 0 for an unversioned bucket: nothing goes."""
    if role == "logs":
        return platform.orchestration.log_retention_days
    return platform.storage.retention_days if versioned(platform, role) else 0


def client(endpoint: str, region: str = REGION) -> dict[str, str]:
    """The environment variables of an S3 client that are not secret."""
    return {
        "AWS_ENDPOINT_URL_S3": endpoint,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
    }


def _identity(role: str, keys: Mapping[str, str], actions: list[str]) -> dict[str, object]:
    pair = {"accessKey": keys[f"{role}-access"], "secretKey": keys[f"{role}-secret"]}
    return {"name": role, "credentials": [pair], "actions": actions}
