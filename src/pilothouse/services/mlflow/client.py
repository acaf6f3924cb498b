"""MLflow's REST API as the contract's tracking capability tells of it: by address or by ARN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from pilothouse.contract import Capability
from pilothouse.errors import PilothouseError
from pilothouse.targets.aws.clients import mlflow_auth

TIMEOUT = 30.0  # seconds, for one call


def ask(
    tracking: Capability[str], method: str, path: str, query: Mapping[str, Any]
) -> dict[str, Any]:
    """The answer to one call below `/api/2.0/mlflow/`; PilothouseError if there is none."""
    base, auth = _access(tracking)
    url = f"{base}/api/2.0/mlflow/{path}"
    try:
        # The query is written as signatures want it, in which a space is %20.
        reply = httpx.request(
            method,
            f"{url}?{urlencode(query, quote_via=quote, safe='~')}" if method == "GET" else url,
            json=None if method == "GET" else query,
            auth=auth,
            timeout=TIMEOUT,
            trust_env=False,
        )
    except httpx.TransportError as error:
        raise PilothouseError(f"MLflow does not answer to {path}: {error}") from error
    if reply.is_error:
        raise PilothouseError(f"MLflow answers {reply.status_code} to {path}")
    return dict(reply.json())


def _access(tracking: Capability[str]) -> tuple[str, httpx.Auth]:
    """Where MLflow is, and what proves who asks."""
    if tracking.uri.startswith("arn:"):
        return mlflow_auth.access(tracking.uri)
    secrets = tracking.secrets
    return tracking.uri, httpx.BasicAuth(
        secrets["MLFLOW_TRACKING_USERNAME"], secrets["MLFLOW_TRACKING_PASSWORD"]
    )
