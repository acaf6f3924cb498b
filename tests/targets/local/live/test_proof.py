"""`verify` proves this run, everywhere."""

from __future__ import annotations

from typing import Any

import boto3
import httpx
import pytest
from testkit.support.stacks import Stack
from testkit.support.waiting import eventually

pytestmark = [pytest.mark.live, pytest.mark.life]


@pytest.fixture(scope="module")
def proof(stack: Stack) -> Any:
    return stack.json("verify")


def test_the_token_of_this_run_is_in_the_bucket(proof: Any, contract: Any) -> None:
    storage = contract["storage"]
    store = boto3.client(
        "s3",
        endpoint_url=storage["environment"]["AWS_ENDPOINT_URL_S3"],
        region_name=storage["environment"]["AWS_REGION"],
        aws_access_key_id=storage["secrets"]["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=storage["secrets"]["AWS_SECRET_ACCESS_KEY"],
    )
    bucket = storage["uri"].removeprefix("s3://")
    keys = [item["Key"] for item in store.list_objects_v2(Bucket=bucket)["Contents"]]
    assert f"runs/{proof['token']}/result.json" in keys


def test_the_token_of_this_run_is_in_airflow(proof: Any, contract: Any) -> None:
    orchestration = contract["orchestration"]
    login = httpx.post(f"{orchestration['uri']}/auth/token", json=orchestration["login"])
    run = httpx.get(
        f"{orchestration['uri']}/api/v2/dags/pilothouse_workload/dagRuns/{proof['token']}",
        headers={"Authorization": f"Bearer {login.json()['access_token']}"},
    ).json()
    assert (run["state"], run["conf"]["run_token"]) == ("success", proof["token"])


def test_the_token_of_this_run_is_on_the_registered_version_and_its_run(
    proof: Any, contract: Any
) -> None:
    tracking, login = contract["tracking"], contract["tracking"]["login"]
    answer = httpx.get(
        f"{tracking['uri']}/api/2.0/mlflow/model-versions/search",
        params={"filter": f"tags.run_token = '{proof['token']}'"},
        auth=(login["username"], login["password"]),
        timeout=30,
    ).json()
    (version,) = answer["model_versions"]
    run = httpx.get(
        f"{tracking['uri']}/api/2.0/mlflow/runs/get",
        params={"run_id": version["run_id"]},
        auth=(login["username"], login["password"]),
        timeout=30,
    ).json()["run"]
    assert {"key": "run_token", "value": proof["token"]} in run["data"]["tags"]


def test_the_logs_of_its_tasks_are_in_the_bucket_of_logs(proof: Any, contract: Any) -> None:
    orchestration = contract["orchestration"]
    login = httpx.post(f"{orchestration['uri']}/auth/token", json=orchestration["login"])
    address = (
        f"{orchestration['uri']}/api/v2/dags/pilothouse_workload/dagRuns/{proof['token']}"
        "/taskInstances/predict/logs/1"
    )
    headers = {"Authorization": f"Bearer {login.json()['access_token']}"}
    # A task has succeeded a moment before its log is in the bucket.
    eventually(lambda: "s3://" in httpx.get(address, headers=headers).text)
