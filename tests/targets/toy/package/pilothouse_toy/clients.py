"""Clients of the cloud: objects, runs and the register are files in its folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pilothouse.errors import PilothouseError
from pilothouse.services.clients import Clients
from pilothouse.services.workflows import Run, RunTimeouts

if TYPE_CHECKING:
    from pilothouse.contract import Capability, Probe
    from pilothouse.services.workflows import WorkflowClient


class ToyClients(Clients):
    """Everything by files."""

    def find_failure(self, probe: Probe) -> str:
        """Whether the thing's file is there."""
        if probe.kind != "thing":
            return super().find_failure(probe)
        return "" if path_of(probe.address).is_file() else f"{probe.address} does not exist"

    def submitters(self) -> Mapping[str, Callable[[Capability[str]], WorkflowClient]]:
        """The pipeline."""
        return {"toy-pipeline": Pipeline}

    def object_store(self, storage: Capability[str]) -> Bucket:
        """The folder of the bucket."""
        return Bucket(storage.uri)

    def tracking(self, tracking: Capability[str]) -> Register:
        """The register's file."""
        return Register(tracking.uri)


class Bucket:
    """Objects as files in a folder."""

    def __init__(self, uri: str) -> None:
        self._uri = uri

    def address(self, name: str) -> str:
        """Where the object is."""
        return f"{self._uri}/{name}"

    def read(self, name: str) -> bytes:
        """The object's content; PilothouseError where there is none."""
        try:
            return path_of(self.address(name)).read_bytes()
        except OSError as error:
            raise PilothouseError(f"no object {self.address(name)}") from error


class Register:
    """Runs and model versions by their token."""

    def __init__(self, uri: str) -> None:
        self._folder = path_of(uri)

    def find_runs(self, token: str) -> list[str]:
        """The run of that token, if it was written."""
        return [path.stem for path in self._folder.glob(f"{token}.run")]

    def find_model_versions(self, model: str, token: str) -> list[str]:
        """The model's version of that token, if it was written."""
        return [path.suffix[1:] for path in self._folder.glob(f"{token}.{model}.*")]


class Pipeline:
    """Runs what the workload would do, at once."""

    timeouts = RunTimeouts(limit=10.0, poll=0.1, ready=0.0)

    def __init__(self, orchestration: Capability[str]) -> None:
        self._storage = path_of(orchestration.submit["storage"])
        self._tracking = path_of(orchestration.submit["tracking"])
        self._model = orchestration.submit["model"]

    def start(self, token: str) -> str:
        """Write the result, the run and the model's version."""
        result = self._storage / "runs" / token / "result.json"
        result.parent.mkdir(parents=True)
        result.write_text(json.dumps({"run_token": token}), encoding="utf-8")
        self._tracking.mkdir(exist_ok=True)
        (self._tracking / f"{token}.run").touch()
        (self._tracking / f"{token}.{self._model}.1").touch()
        return token

    def look(self, run: str) -> Run | None:
        """It ended when it was started."""
        return Run(
            name=f"pipeline/{run}", steps="all", state="done", ended=True, succeeded=True, token=run
        )


def path_of(uri: str) -> Path:
    """The path of a `file://` URI."""
    return Path(uri.removeprefix("file://"))
