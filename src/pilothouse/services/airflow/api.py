"""Airflow's REST API: a call of it, and the errors that its answers mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import httpx

from pilothouse.contract import Capability
from pilothouse.errors import PilothouseError


class ServiceUnavailable(PilothouseError):
    """Airflow can't answer now."""


class Missing(PilothouseError):
    """Airflow does not know what it was asked for."""


class Conflict(PilothouseError):
    """Airflow has it already."""


class Call(Protocol):
    """One call of the API, by a path such as `/dags`.

    Raises ServiceUnavailable, Missing, Conflict or another PilothouseError.
    """

    def __call__(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The answer's document; None where it has none."""


class HttpApi:
    """Calls over HTTP by a user who logs in at the first one."""

    def __init__(self, orchestration: Capability[str]) -> None:
        self._login = {
            "username": orchestration.secrets["AIRFLOW_USERNAME"],
            "password": orchestration.secrets["AIRFLOW_PASSWORD"],
        }
        self._client = httpx.Client(base_url=orchestration.uri, timeout=30.0, trust_env=False)

    def __call__(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        if "Authorization" not in self._client.headers:
            token = self._request("POST", "/auth/token", self._login)["access_token"]
            self._client.headers["Authorization"] = f"Bearer {token}"
        return self._request(method, f"/api/v2{path}", body)

    def _request(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        try:
            reply = self._client.request(method, path, json=body)
        except httpx.TransportError as error:
            raise ServiceUnavailable(f"Airflow does not answer: {error}") from error
        if reply.is_error:
            what = f"Airflow answers {reply.status_code} to {method} {path}"
            raise error_of(reply.status_code)(what)
        return reply.json() if reply.content else None


def error_of(status: int) -> type[PilothouseError]:
    """The kind of error that an HTTP status of Airflow's means."""
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.TOO_MANY_REQUESTS:
        return ServiceUnavailable
    return _KINDS.get(status, PilothouseError)


_KINDS: Mapping[int, type[PilothouseError]] = {
    httpx.codes.NOT_FOUND: Missing,
    httpx.codes.CONFLICT: Conflict,
}
