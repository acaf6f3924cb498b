"""A client of MLflow's REST API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import httpx

from pilothouse.errors import PilothouseError

if TYPE_CHECKING:
    from pilothouse.contract import Capability

TIMEOUT = 30.0  # seconds, for one call


class MlflowClient:
    """Calls of one MLflow: `url` is its address, `auth` proves who calls."""

    def __init__(self, url: str, auth: httpx.Auth) -> None:
        self._url, self._auth = url, auth

    def call(
        self, method: str, path: str, query: Mapping[str, Any], *, version: str = "2.0"
    ) -> dict[str, Any]:
        """The answer to one call below `/api/VERSION/mlflow/`; PilothouseError if there is none."""
        url = f"{self._url}/api/{version}/mlflow/{path}"
        is_get = method == "GET"
        try:
            # The query is encoded as signatures require it: a space is %20.
            reply = httpx.request(
                method,
                f"{url}?{urlencode(query, quote_via=quote, safe='~')}" if is_get else url,
                json=None if is_get else query,
                auth=self._auth,
                timeout=TIMEOUT,
                trust_env=False,
            )
        except httpx.TransportError as error:
            raise PilothouseError(f"MLflow does not answer to {path}: {error}") from error
        if reply.is_error:
            raise PilothouseError(f"MLflow answers {reply.status_code} to {path}")
        return dict(reply.json())

    def find_runs(self, token: str) -> list[str]:
        """The ids of the runs that are tagged with `token`, in whatever experiment; two at most."""
        experiments = self.call("POST", "experiments/search", {"max_results": 1000})
        query = {
            "filter": f"tags.run_token = '{token}'",
            "max_results": 2,
            "experiment_ids": [
                experiment["experiment_id"] for experiment in experiments.get("experiments", [])
            ],
        }
        runs = self.call("POST", "runs/search", query).get("runs", [])
        return [run["info"]["run_id"] for run in runs]

    def find_model_versions(self, model: str, token: str) -> list[str]:
        """The versions of a registered model that are tagged with `token`."""
        query = {"filter": f"name = '{model}' and tags.run_token = '{token}'"}
        found = self.call("GET", "model-versions/search", query).get("model_versions", [])
        return [version["version"] for version in found]


def basic_auth(tracking: Capability[str]) -> httpx.BasicAuth:
    """The user and the password that the capability names."""
    secrets = tracking.secrets
    return httpx.BasicAuth(secrets["MLFLOW_TRACKING_USERNAME"], secrets["MLFLOW_TRACKING_PASSWORD"])
