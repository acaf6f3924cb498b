"""What a provider is configured with."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3

from testkit.fake_providers.core.inputs import Problem
from testkit.fake_providers.core.values import UNKNOWN

ACCOUNT = "123456789012"
"""moto's own, unless MOTO_ACCOUNT_ID says another one."""

_CREDENTIALS = {
    "accessKey": "aws_access_key_id", "secretKey": "aws_secret_access_key",
    "token": "aws_session_token", "profile": "profile_name",
}  # fmt: skip
_WITHOUT_EFFECT = frozenset(
    {
        "allowedAccountIds", "forbiddenAccountIds", "maxRetries", "retryMode", "s3UsePathStyle",
        "skipCredentialsValidation", "skipMetadataApiCheck", "skipRegionValidation",
        "skipRequestingAccountId", "version", "pluginDownloadURL",
    }
)  # fmt: skip
_MODELLED = frozenset({"region", "defaultTags", "endpoints", *_CREDENTIALS, *_WITHOUT_EFFECT})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The provider's configuration."""

    region: str = "us-east-1"
    default_tags: Mapping[str, str] = field(default_factory=dict)
    endpoints: Mapping[str, str] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict)

    @property
    def account(self) -> str:
        """The account's number."""
        return os.environ.get("MOTO_ACCOUNT_ID", ACCOUNT)

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Settings:
        """From the engine's variables, without their prefix, and from the environment."""
        tags = json.loads(given.get("defaultTags") or "{}").get("tags") or {}
        listed = json.loads(given.get("endpoints") or "[]")
        endpoints = {service: url for each in listed for service, url in each.items()}
        region = given.get("region") or os.environ.get("AWS_REGION", "us-east-1")
        return cls(
            region=region, default_tags=tags, endpoints=endpoints,
            credentials={theirs: given[ours] for ours, theirs in _CREDENTIALS.items()
                         if given.get(ours)},
        )  # fmt: skip


def problems(given: Mapping[str, Any]) -> list[Problem]:
    """Arguments that the double does not have, and a region that AWS does not have."""
    unknown = sorted(set(given) - _MODELLED)
    found = [(name, "the double does not model this argument") for name in unknown]
    region = given.get("region")
    if region and region != UNKNOWN and region not in _regions():
        found.append(("region", f"AWS has no region {region}"))
    return found


@cache
def _regions() -> frozenset[str]:
    return frozenset(boto3.session.Session().get_available_regions("ec2"))
