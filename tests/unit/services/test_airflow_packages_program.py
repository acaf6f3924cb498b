"""The program that gives pods what DAGs import: it waits for the archive, and unpacks it."""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from pilothouse.services.programs import airflow_packages

CONNECTION = {"login": "key", "password": "secret", "extra": {"region_name": "us-east-1"}}
KEY = "packages/airflow-1.tar.gz"


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AIRFLOW_CONN_S3DAGS", json.dumps(CONNECTION))
    with mock_aws():
        made = boto3.resource("s3", region_name="us-east-1").Bucket("data")
        made.create()
        yield made


def archive(name: str) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        content = b"VALUE = 1\n"
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    return made.getvalue()


def test_the_packages_are_unpacked_at_the_top_of_the_folder(bucket: Any, tmp_path: Path) -> None:
    bucket.put_object(Key=KEY, Body=archive("humanize/__init__.py"))
    airflow_packages.main(KEY, "data", str(tmp_path))
    assert (tmp_path / "humanize" / "__init__.py").read_text() == "VALUE = 1\n"


def test_it_waits_until_the_archive_is_there_and_says_for_what(
    bucket: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    waits: list[int] = []

    def wait() -> None:
        waits.append(1)
        if len(waits) == 3:
            bucket.put_object(Key=KEY, Body=b"archive")

    store = airflow_packages.client(json.loads(os.environ["AIRFLOW_CONN_S3DAGS"]))
    airflow_packages.fetch(store, "data", KEY, str(tmp_path / "archive"), wait)
    assert (tmp_path / "archive").read_bytes() == b"archive"
    assert len(waits) == 3
    assert capsys.readouterr().out.count(f"waiting for s3://data/{KEY}") == 1


def test_an_archive_cannot_write_outside_of_the_folder(bucket: Any, tmp_path: Path) -> None:
    bucket.put_object(Key=KEY, Body=archive("../outside.py"))
    with pytest.raises(tarfile.OutsideDestinationError):
        airflow_packages.main(KEY, "data", str(tmp_path / "packages"))
    assert not (tmp_path / "outside.py").exists()
