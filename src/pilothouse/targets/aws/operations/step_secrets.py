"""The secrets of the team's workload in AWS Secrets Manager."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pilothouse.targets.aws.clients import api

if TYPE_CHECKING:
    from pilothouse.targets.aws.clients.account import Account


def find(account: Account, names: Sequence[str]) -> Mapping[str, str | None]:
    """Those of `names` that the secret of the settings has, with their values.

    All without a value, where it may not be read here. Raises AwsError where AWS does not answer.
    """
    secret = account.plan.settings.workload.secret
    if not secret:
        return {}
    try:
        with api.calling():
            client = account.client("secretsmanager")
            text = client.get_secret_value(SecretId=secret).get("SecretString", "")
    except api.AwsError as error:
        if error.is_denied:
            return dict.fromkeys(names)
        if error.code == "ResourceNotFoundException":
            return {}
        raise
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    known = found if isinstance(found, dict) else {}
    return {name: known[name] for name in names if isinstance(known.get(name), str)}
