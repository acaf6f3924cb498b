"""The store and what stands on it alone: a folder, and moto in place of S3."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from pilothouse_workload import dataset, prepare, steps
from pilothouse_workload.errors import WorkloadError
from pilothouse_workload.settings import Settings, from_environment
from pilothouse_workload.store import Store

from .test_settings import GOOD

CONTENT = b"mean radius,label\n17.99,0\n13.5,1\n"


@pytest.fixture(params=["bucket", "folder"])
def settings(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """A run's settings, and an empty store."""
    if request.param == "folder":
        yield from_environment({**GOOD, "DATA_URI": str(tmp_path)})
        return
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="pilot-data")
        yield from_environment(GOOD)


@pytest.fixture
def store(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The store of a run, with a small data set in place of scikit-learn's."""
    monkeypatch.setattr(dataset, "as_csv", lambda: CONTENT)
    return Store(settings)


def test_documents_come_back(store: Store) -> None:
    store.put_document("train", {"b": [1, 2.5], "a": None})
    assert store.get_document("train") == {"a": None, "b": [1, 2.5]}


def test_prepare_tells_what_the_store_holds(settings: Settings, store: Store) -> None:
    first = prepare.prepare(settings, store)
    assert first == prepare.prepare(settings, store)
    assert (first["rows"], first["sha256"]) == (2, dataset.sha256(CONTENT))
    assert store.get(dataset.FILE) == CONTENT


def test_other_bytes_are_refused(settings: Settings, store: Store) -> None:
    prepare.prepare(settings, store)
    store.put(dataset.FILE, CONTENT.replace(b"17.99", b"17.98"))
    with pytest.raises(WorkloadError, match="other bytes"):
        prepare.checked(store, dataset.sha256(CONTENT))


@pytest.mark.usefixtures("store")
def test_each_step_leaves_its_document(settings: Settings) -> None:
    document = steps.run(settings, ["prepare"])
    assert Store(settings).get_document("prepare") == document
    assert set(document["seconds"]) == {"prepare"}


@pytest.mark.usefixtures("store")
def test_the_last_step_leaves_the_result(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def predict(*_: object) -> dict[str, Any]:
        return {"predictions": 3, "seconds": {"train": 1.0}}

    monkeypatch.setattr("pilothouse_workload.predict.predict", predict)
    steps.run(settings, ["predict"])
    result = Store(settings).get_document("result")
    assert (result["predictions"], result["seconds"]["train"]) == (3, 1.0)
    assert set(result["seconds"]) == {"train", "predict"}


def test_csv_is_read_as_numbers() -> None:
    assert dataset.from_csv(CONTENT) == dataset.Table([[17.99], [13.5]], [0, 1])


@pytest.mark.parametrize("content", [b"a,label\n1,\n", b"a,label\nx,1\n", b""])
def test_what_is_no_data_set_is_an_error(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"literal|convert|unpack"):
        dataset.from_csv(content)
