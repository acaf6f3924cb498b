"""Where a run's token must be found: in the store, in the orchestrator, in MLflow twice."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import Any

from pilothouse.contract import Contract
from pilothouse.errors import PilothouseError
from pilothouse.services.mlflow import client as mlflow_client
from pilothouse.services.runs import Run
from pilothouse.targets.aws.clients import api


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One place where the token of this run was found."""

    place: str
    found: str


def collect(contract: Contract, token: str, run: Run) -> tuple[list[Evidence], Any]:
    """Every evidence of the run, and the result that the workload wrote.

    Raises PilothouseError naming the first place that lacks the token.
    """
    ended = _orchestrator(run, token)  # first: why a run failed tells more than what it left out
    key, result = _result(contract, token)
    evidence = [
        Evidence(place="bucket", found=key),
        Evidence(place="orchestrator", found=ended),
        Evidence(place="tracking", found=_tracked_run(contract, token)),
        Evidence(place="registry", found=_registered_version(contract, token)),
    ]
    return evidence, result


def _result(contract: Contract, token: str) -> tuple[str, Any]:
    import boto3

    storage = contract.storage
    bucket, _, prefix = storage.uri.removeprefix("s3://").partition("/")
    key = "/".join(filter(None, (prefix, "runs", token, "result.json")))
    store = boto3.client(
        "s3",
        endpoint_url=storage.environment.get("AWS_ENDPOINT_URL_S3"),
        region_name=storage.environment["AWS_REGION"],
        aws_access_key_id=storage.secrets.get("AWS_ACCESS_KEY_ID"),
        aws_secret_access_key=storage.secrets.get("AWS_SECRET_ACCESS_KEY"),
    )
    try:
        with api.calling():
            result = json.loads(store.get_object(Bucket=bucket, Key=key)["Body"].read())
    except api.AwsError as error:
        what = "the run left no result" if error.code == "NoSuchKey" else error
        raise PilothouseError(f"no s3://{bucket}/{key}: {what}") from error
    if result.get("run_token") != token:
        raise PilothouseError(f"s3://{bucket}/{key} is of another run")
    return f"s3://{bucket}/{key}", result


def _orchestrator(run: Run, token: str) -> str:
    if not run.succeeded:
        reason = f": {run.reason}" if run.reason else ""
        raise PilothouseError(f"run {run.name} ended as {run.state}{reason}")
    if run.token != token:
        raise PilothouseError(f"run {run.name} carries token {run.token!r} instead of {token}")
    return run.name


def _tracked_run(contract: Contract, token: str) -> str:
    ask = partial(mlflow_client.ask, contract.tracking)
    experiments = ask("POST", "experiments/search", {"max_results": 1000})
    query = {
        "filter": f"tags.run_token = '{token}'",
        "max_results": 2,
        "experiment_ids": [e["experiment_id"] for e in experiments.get("experiments", [])],
    }
    runs = ask("POST", "runs/search", query).get("runs", [])
    if len(runs) != 1:
        raise PilothouseError(f"MLflow has {len(runs)} runs tagged {token} instead of one")
    return f"run {runs[0]['info']['run_id']}"


def _registered_version(contract: Contract, token: str) -> str:
    model = contract.compute.environment["MODEL_NAME"]
    query = {"filter": f"name = '{model}' and tags.run_token = '{token}'"}
    found = mlflow_client.ask(contract.tracking, "GET", "model-versions/search", query)
    versions = found.get("model_versions", [])
    if len(versions) != 1:
        raise PilothouseError(f"model {model} has {len(versions)} versions tagged {token}")
    return f"{model} version {versions[0]['version']}"
