"""The bucket's DAGs are those of the project's folder after each delivery."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from pilothouse.config import dag_files
from pilothouse.contract import Capability
from pilothouse.targets.kubernetes.operations import dag_upload

STORAGE = Capability(
    uri="s3://pilot-data",
    console="",
    environment={"AWS_REGION": "us-east-1"},
    secrets={"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"},
)


@pytest.fixture
def bucket() -> Iterator[Any]:
    """The bucket of data, with an object that is no DAG."""
    with mock_aws():
        made = boto3.resource("s3", region_name="us-east-1").Bucket("pilot-data")
        made.create()
        made.put_object(Key="runs/result.json", Body=b"{}")
        yield made


def deliver(folder: Path) -> str:
    return dag_upload.deliver(STORAGE, dag_files.read(folder, ()))


def contents(bucket: Any) -> dict[str, bytes]:
    return {found.key: found.get()["Body"].read() for found in bucket.objects.all()}


def test_files_are_written_changed_and_removed_and_nothing_else_is_touched(
    bucket: Any, tmp_path: Path
) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "report.py").write_text("DAG = 1\n")
    (tmp_path / "lib" / "query.sql").write_text("select 1\n")
    assert "of 2 files 2 are written, and 0 are removed" in deliver(tmp_path)
    assert contents(bucket) == {
        "dags/report.py": b"DAG = 1\n",
        "dags/lib/query.sql": b"select 1\n",
        "runs/result.json": b"{}",
    }
    assert "of 2 files 0 are written, and 0 are removed" in deliver(tmp_path)
    (tmp_path / "report.py").write_text("DAG = 2\n")
    (tmp_path / "lib" / "query.sql").unlink()
    assert "of 1 files 1 are written, and 1 are removed" in deliver(tmp_path)
    assert contents(bucket) == {"dags/report.py": b"DAG = 2\n", "runs/result.json": b"{}"}
