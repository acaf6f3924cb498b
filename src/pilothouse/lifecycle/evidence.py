"""Where a run's token must be found: in the store, in the orchestrator, in MLflow twice."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx

from pilothouse.contract import Contract
from pilothouse.errors import PilothouseError


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One place where the token of this run was found."""

    place: str
    found: str


def collect(contract: Contract, token: str, run: dict[str, Any]) -> tuple[list[Evidence], Any]:
    """Every evidence of the run, and the result that the workload wrote.

    Raises PilothouseError naming the first place that lacks the token.
    """
    key, result = _result(contract, token)
    evidence = [
        Evidence(place="bucket", found=key),
        Evidence(place="orchestrator", found=_orchestrator(run, token)),
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
        result = json.loads(store.get_object(Bucket=bucket, Key=key)["Body"].read())
    except store.exceptions.NoSuchKey as error:
        raise PilothouseError(f"no s3://{bucket}/{key}: the run left no result") from error
    if result.get("run_token") != token:
        raise PilothouseError(f"s3://{bucket}/{key} is of another run")
    return f"s3://{bucket}/{key}", result


def _orchestrator(run: dict[str, Any], token: str) -> str:
    if run["state"] != "success" or run["conf"].get("run_token") != token:
        raise PilothouseError(f"run {run['dag_run_id']} of {run['dag_id']} ended as {run['state']}")
    return f"{run['dag_id']}/{run['dag_run_id']}"


def _tracked_run(contract: Contract, token: str) -> str:
    query = {"filter": f"tags.run_token = '{token}'", "max_results": 2}
    experiments = _mlflow(contract, "POST", "experiments/search", {"max_results": 1000})
    query["experiment_ids"] = [e["experiment_id"] for e in experiments.get("experiments", [])]
    runs = _mlflow(contract, "POST", "runs/search", query).get("runs", [])
    if len(runs) != 1:
        raise PilothouseError(f"MLflow has {len(runs)} runs tagged {token} instead of one")
    return f"run {runs[0]['info']['run_id']}"


def _registered_version(contract: Contract, token: str) -> str:
    model = contract.compute.environment["MODEL_NAME"]
    query = {"filter": f"name = '{model}' and tags.run_token = '{token}'"}
    versions = _mlflow(contract, "GET", "model-versions/search", query).get("model_versions", [])
    if len(versions) != 1:
        raise PilothouseError(f"model {model} has {len(versions)} versions tagged {token}")
    return f"{model} version {versions[0]['version']}"


def _mlflow(contract: Contract, method: str, path: str, query: dict[str, Any]) -> dict[str, Any]:
    tracking = contract.tracking
    reply = httpx.request(
        method,
        f"{tracking.uri}/api/2.0/mlflow/{path}",
        params=query if method == "GET" else None,
        json=query if method == "POST" else None,
        auth=(
            tracking.secrets["MLFLOW_TRACKING_USERNAME"],
            tracking.secrets["MLFLOW_TRACKING_PASSWORD"],
        ),
        timeout=30.0,
        trust_env=False,
    )
    if reply.is_error:
        raise PilothouseError(f"MLflow answers {reply.status_code} to {path}")
    return dict(reply.json())
