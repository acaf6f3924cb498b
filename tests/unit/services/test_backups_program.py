"""The program that keeps dumps in a bucket, with moto in place of S3."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from pilothouse.services.programs import backups

BUCKET = "pilot-backups"
NAMES = ["20261124T020000Z", "20261125T020000Z", "20261126T020000Z"]


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An S3 client, and an empty bucket."""
    given = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "BUCKET": BUCKET}
    for name, value in {**given, "AWS_DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        made = boto3.client("s3")
        made.create_bucket(Bucket=BUCKET)
        yield made


@pytest.fixture
def dumps(tmp_path: Path) -> Path:
    """Two databases, dumped."""
    folder = tmp_path / "dumps"
    folder.mkdir()
    (folder / "airflow.dump").write_bytes(b"runs")
    (folder / "mlflow.dump").write_bytes(b"models!")
    return folder


def keys(client: Any) -> list[str]:
    return [each["Key"] for each in client.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def names(client: Any) -> list[str]:
    return [each["name"] for each in backups.listed(client, BUCKET)]


def test_what_was_stored_comes_back(client: Any, dumps: Path, tmp_path: Path) -> None:
    backups.store(client, BUCKET, dumps, NAMES[0])
    backups.fetch(client, BUCKET, tmp_path, NAMES[0])
    assert (tmp_path / "airflow.dump").read_bytes() == b"runs"
    assert (tmp_path / "mlflow.dump").read_bytes() == b"models!"
    assert list(backups.listed(client, BUCKET)) == [{"name": NAMES[0], "bytes": 11}]


def test_older_ones_go_and_the_newest_stay(client: Any, dumps: Path) -> None:
    for name in NAMES:
        backups.store(client, BUCKET, dumps, name)
    backups.prune(client, BUCKET, keep=2, newest=NAMES[2])
    assert names(client) == NAMES[1:]
    assert not any(key.startswith(NAMES[0]) for key in keys(client))


def test_half_a_backup_is_not_offered_counts_for_none_and_goes(client: Any, dumps: Path) -> None:
    backups.store(client, BUCKET, dumps, NAMES[0])
    client.put_object(Bucket=BUCKET, Key=f"{NAMES[1]}/airflow.dump", Body=b"half")
    assert names(client) == [NAMES[0]]
    backups.store(client, BUCKET, dumps, NAMES[2])
    backups.prune(client, BUCKET, keep=2, newest=NAMES[2])
    assert names(client) == [NAMES[0], NAMES[2]]
    assert not any(key.startswith(NAMES[1]) for key in keys(client))


def test_one_that_another_is_making_is_left_alone(client: Any, dumps: Path) -> None:
    backups.store(client, BUCKET, dumps, NAMES[0])
    client.put_object(Bucket=BUCKET, Key=f"{NAMES[2]}/airflow.dump", Body=b"begun")
    backups.prune(client, BUCKET, keep=1, newest=NAMES[0])
    assert f"{NAMES[2]}/airflow.dump" in keys(client)


def test_what_is_no_backup_is_left_alone(client: Any, dumps: Path) -> None:
    others = ["1/run/artifacts/model.pkl", "2025/manifest.json", "notes.txt"]
    for key in others:
        client.put_object(Bucket=BUCKET, Key=key, Body=b"{}")
    for name in NAMES:
        backups.store(client, BUCKET, dumps, name)
    backups.prune(client, BUCKET, keep=1, newest=NAMES[2])
    assert names(client) == NAMES[2:]
    assert set(others) <= set(keys(client))


def test_a_damaged_dump_is_refused(client: Any, dumps: Path, tmp_path: Path) -> None:
    backups.store(client, BUCKET, dumps, NAMES[0])
    client.put_object(Bucket=BUCKET, Key=f"{NAMES[0]}/mlflow.dump", Body=b"models?")
    with pytest.raises(SystemExit, match="is not what was stored"):
        backups.fetch(client, BUCKET, tmp_path, NAMES[0])


def test_no_dump_is_no_backup(client: Any, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no dump in"):
        backups.store(client, BUCKET, tmp_path, NAMES[0])
    assert keys(client) == []


def test_its_commands_are_store_fetch_and_list(
    client: Any,
    dumps: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DUMPS", str(dumps))
    monkeypatch.setenv("KEEP", "1")
    backups.main("store")
    capsys.readouterr()
    backups.main("list")
    (only,) = json.loads(capsys.readouterr().out)
    (dumps / "airflow.dump").write_bytes(b"something else")
    monkeypatch.setenv("BACKUP", only["name"])
    backups.main("fetch")
    assert (dumps / "airflow.dump").read_bytes() == b"runs"
