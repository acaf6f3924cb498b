"""MLflow's API without the code under test: runs, models and experiments that come and go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx


@dataclass(frozen=True)
class Tracking:
    """One MLflow, as its admin."""

    client: httpx.Client

    def make_experiment(self, name: str) -> str:
        """Make an experiment; its id."""
        return str(self._post("experiments/create", name=name)["experiment_id"])

    def make_run(self, artifacts: Mapping[str, bytes], experiment: str = "0") -> str:
        """Make a run with these artifacts by their paths; its id."""
        info = self._post("runs/create", experiment_id=experiment)["run"]["info"]
        self._upload(info["artifact_uri"], artifacts)
        return str(info["run_id"])

    def make_model(self, artifacts: Mapping[str, bytes], experiment: str = "0") -> str:
        """Make a logged model with these artifacts by their paths; its id."""
        info = self._post("logged-models", experiment_id=experiment)["model"]["info"]
        self._upload(info["artifact_uri"], artifacts)
        return str(info["model_id"])

    def delete_experiment(self, experiment: str) -> None:
        """Delete an experiment as people do, so that it can be restored."""
        self._post("experiments/delete", experiment_id=experiment)

    def delete_run(self, run: str) -> None:
        """The same for a run."""
        self._post("runs/delete", run_id=run)

    def delete_model(self, model: str) -> None:
        """The same for a logged model."""
        self.client.delete(f"/mlflow/logged-models/{model}").raise_for_status()

    def stage_of(self, run: str) -> str:
        """`active` or `deleted`; "" where there is no such run."""
        reply = self.client.get("/mlflow/runs/get", params={"run_id": run})
        if reply.status_code == HTTPStatus.NOT_FOUND:
            return ""
        return str(reply.raise_for_status().json()["run"]["info"]["lifecycle_stage"])

    def _post(self, path: str, **body: object) -> Any:
        reply = self.client.post(f"/mlflow/{path}", json=body)
        assert reply.is_success, (path, reply.status_code, reply.text)
        return reply.json()

    def _upload(self, folder: str, artifacts: Mapping[str, bytes]) -> None:
        for path, content in artifacts.items():
            place = f"/mlflow-artifacts/artifacts{urlsplit(folder).path}/{path}"
            self.client.put(place, content=content).raise_for_status()


@contextmanager
def tracking(uri: str, login: Mapping[str, str]) -> Iterator[Tracking]:
    """MLflow at this address, by the login of its admin."""
    person = login["username"], login["password"]
    with httpx.Client(
        base_url=f"{uri}/api/2.0", auth=person, timeout=60, trust_env=False
    ) as client:
        yield Tracking(client)
