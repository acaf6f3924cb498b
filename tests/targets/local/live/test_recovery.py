"""A service that stops is named, one that dies comes back; what changed outside is healed."""

from __future__ import annotations

import os
import signal
import time
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from testkit.support.stacks import Stack, end_all
from testkit.support.waiting import eventually

from pilothouse.targets.local.processes import supervision
from tests.targets.local.live.conftest import SERVICES, wait_for_all

pytestmark = pytest.mark.live


@pytest.mark.parametrize("service", SERVICES)
def test_a_killed_service_answers_again_within_half_a_minute(stack: Stack, service: str) -> None:
    before, moment = stack.processes_of(service), datetime.now(UTC)
    os.kill(supervision.programs(stack.home)[service].pid, signal.SIGKILL)
    eventually(lambda: not any(process.is_running() for process in before), seconds=30)
    eventually(lambda: stack.answers(service, since=moment), seconds=30)
    wait_for_all(stack)


@pytest.mark.parametrize(
    "service", ["postgres", "seaweedfs", "mlflow", "airflow-api-server", "airflow-scheduler"]
)
def test_a_stopped_service_is_named_within_a_minute(stack: Stack, service: str) -> None:
    supervision.stop_program(stack.home, service)
    try:
        began = time.monotonic()
        said = stack.run("verify", expect=3)
        assert service in said
        assert time.monotonic() - began < 60
    finally:
        supervision.start_program(stack.home, service)
        wait_for_all(stack)


def test_what_changed_outside_is_seen_by_refresh_and_healed_by_up(
    stack: Stack, contract: Any
) -> None:
    supervision.stop_program(stack.home, "mlflow")
    dag = stack.home / "services" / "airflow-dag-processor" / "dags" / "pilothouse_workload.py"
    dag.write_text("# changed by hand\n")
    _delete_bucket(stack, "logs")
    seen = stack.pulumi("refresh", "--yes", "--diff")
    assert "stopped" in seen
    assert "pilothouse_workload.py changed" in seen
    assert "Bucket: (delete)" in seen
    changes = stack.json("up")["changes"]
    assert changes["create"] == 1
    assert changes["update"] >= 2
    stack.run("status")
    stack.run("preview", "--refresh", "--expect-no-changes")


def test_after_a_reboot_one_command_brings_it_back_with_its_data(
    stack: Stack, contract: Any
) -> None:
    mark = _put_mark(contract)
    end_all(stack)
    stack.run("up")
    stack.run("status")
    assert _has_mark(contract, mark)


def _store(access: str, secret: str, endpoint: str) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=access,
        aws_secret_access_key=secret,
    )


def _delete_bucket(stack: Stack, role: str) -> None:
    bucket = stack.resource(f"{role}-bucket")["inputs"]
    store = _store(bucket["access_key"], bucket["secret_key"], bucket["endpoint"])
    for page in store.get_paginator("list_objects_v2").paginate(Bucket=bucket["bucket"]):
        for item in page.get("Contents", []):
            store.delete_object(Bucket=bucket["bucket"], Key=item["Key"])
    store.delete_bucket(Bucket=bucket["bucket"])


def _data_store(contract: Any) -> tuple[Any, str]:
    storage = contract["storage"]
    secrets = storage["secrets"]
    store = _store(
        secrets["AWS_ACCESS_KEY_ID"],
        secrets["AWS_SECRET_ACCESS_KEY"],
        storage["environment"]["AWS_ENDPOINT_URL_S3"],
    )
    return store, storage["uri"].removeprefix("s3://")


def _put_mark(contract: Any) -> bytes:
    store, bucket = _data_store(contract)
    mark = os.urandom(32)
    store.put_object(Bucket=bucket, Key="mark", Body=mark)
    return mark


def _has_mark(contract: Any, mark: bytes) -> bool:
    store, bucket = _data_store(contract)
    return bool(store.get_object(Bucket=bucket, Key="mark")["Body"].read() == mark)
