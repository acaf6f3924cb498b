"""The program that writes one object of a store, with moto in place of S3."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from pilothouse.services.programs import read_object

CONTENT = bytes(range(256))


@pytest.fixture(autouse=True)
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    given = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
    for name, value in {**given, "AWS_DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="pilot-data")
        client.put_object(Bucket="pilot-data", Key="runs/a b/result.json", Body=CONTENT)
        yield


def test_the_content_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    read_object.main("s3://pilot-data/runs/a b/result.json")
    (line,) = capsys.readouterr().out.splitlines()
    assert base64.b64decode(json.loads(line)["content"]) == CONTENT


def test_a_missing_object_is_told_from_a_missing_bucket(
    capsys: pytest.CaptureFixture[str],
) -> None:
    read_object.main("s3://pilot-data/none")
    assert json.loads(capsys.readouterr().out) == {"missing": True}
    with pytest.raises(ClientError, match="NoSuchBucket"):
        read_object.main("s3://other/none")
