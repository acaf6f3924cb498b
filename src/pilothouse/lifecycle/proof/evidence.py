"""Where a run's token must be found: store, orchestrator, tracking and model registry."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pilothouse.errors import PilothouseError

if TYPE_CHECKING:
    from pilothouse.contract import Contract
    from pilothouse.services.clients import Clients, ObjectStore, TrackingClient
    from pilothouse.services.workflows import Run


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One place where the token of this run was found."""

    place: str
    found: str


def collect(
    contract: Contract, clients: Clients, token: str, run: Run
) -> tuple[list[Evidence], Any]:
    """Every evidence of the run, and the result that the workload wrote.

    Raises PilothouseError naming the first place that lacks the token.
    """
    # First: why a run failed tells more than what it left out.
    ended = _check_run(run, token)
    address, result = _read_result(clients.object_store(contract.storage), token)
    tracking = clients.tracking(contract.tracking)
    model = contract.compute.environment["MODEL_NAME"]
    evidence = [
        Evidence(place="bucket", found=address),
        Evidence(place="orchestrator", found=ended),
        Evidence(place="tracking", found=_find_tracked_run(tracking, token)),
        Evidence(place="registry", found=_find_model_version(tracking, model, token)),
    ]
    return evidence, result


def _check_run(run: Run, token: str) -> str:
    if not run.succeeded:
        reason = f": {run.reason}" if run.reason else ""
        raise PilothouseError(
            f"run {run.name} ended as {run.state}{reason}; see the failed step's log in the console"
        )
    if run.token != token:
        raise PilothouseError(f"run {run.name} carries token {run.token!r} instead of {token}")
    return run.name


def _read_result(store: ObjectStore, token: str) -> tuple[str, Any]:
    name = f"runs/{token}/result.json"
    address = store.address(name)
    try:
        result = json.loads(store.read(name))
    except PilothouseError as error:
        raise PilothouseError(f"the run left no result: {error}") from error
    if result.get("run_token") != token:
        raise PilothouseError(f"{address} belongs to another run")
    return address, result


def _find_tracked_run(tracking: TrackingClient, token: str) -> str:
    runs = tracking.find_runs(token)
    if len(runs) != 1:
        raise PilothouseError(f"tracking has {len(runs)} runs tagged {token} instead of one")
    return f"run {runs[0]}"


def _find_model_version(tracking: TrackingClient, model: str, token: str) -> str:
    versions = tracking.find_model_versions(model, token)
    if len(versions) != 1:
        raise PilothouseError(f"model {model} has {len(versions)} versions tagged {token}")
    return f"{model} version {versions[0]}"
