"""Bucket policies with conditions: moto takes a denial without looking at its conditions.

A request counts as one over TLS by a principal of the account, as the real endpoints have it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket

_Bucket: Any = FakeBucket  # it is changed here
_IF_EXISTS = "IfExists"
_NEGATIVE = "Not"


def extend() -> None:
    """Have moto's buckets look at conditions."""
    _Bucket.get_permission = _permission


def _permission(self: Any, action: str, resource: str) -> Any:
    if self.policy is None:
        return PermissionResult.NEUTRAL
    request = {
        "aws:SecureTransport": "true", "aws:PrincipalAccount": self.account_id,
        "aws:PrincipalIsAWSService": "false",
    }  # fmt: skip
    policy = json.loads(self.policy.decode())
    statements = policy["Statement"]
    listed = statements if isinstance(statements, list) else [statements]
    held = [each for each in listed if holds(each.get("Condition") or {}, request)]
    if not held:
        return PermissionResult.NEUTRAL
    document = IAMPolicy(json.dumps(policy | {"Statement": held}))
    return document.is_action_permitted(action, resource)


def holds(condition: Mapping[str, Mapping[str, Any]], request: Mapping[str, str]) -> bool:
    """Whether a statement's condition is met, by the operators for texts and truth values."""
    return all(
        _meets(operator, request.get(key), wanted)
        for operator, keys in condition.items()
        for key, wanted in keys.items()
    )


def _meets(operator: str, found: str | None, wanted: Any) -> bool:
    if found is None:
        return operator.endswith(_IF_EXISTS) or _NEGATIVE in operator
    values = [str(each).lower() for each in (wanted if isinstance(wanted, list) else [wanted])]
    return (found.lower() in values) != (_NEGATIVE in operator)
