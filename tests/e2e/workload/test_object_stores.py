"""Which store a `DATA_URI` names, what is said where it is out of reach, and folders as stores."""

import builtins
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pilothouse_workload import object_stores
from pilothouse_workload.errors import InvalidEnvironmentError


@pytest.mark.parametrize(
    ("uri", "module", "parts", "prefix"),
    [
        ("s3://pilot-data", "s3", {"container": "pilot-data"}, ""),
        ("s3://pilot-data/", "s3", {"container": "pilot-data"}, ""),
        ("s3://pilot-data/team/a/", "s3", {"container": "pilot-data"}, "team/a/"),
        ("gs://pilot_data.example/team", "google", {"container": "pilot_data.example"}, "team/"),
        (
            "https://pilot1.blob.core.windows.net/data/team/a",
            "azure",
            {"account": "pilot1", "suffix": "core.windows.net", "container": "data"},
            "team/a/",
        ),
        (
            "abfss://data@pilot1.dfs.core.usgovcloudapi.net/team/",
            "azure",
            {"account": "pilot1", "suffix": "core.usgovcloudapi.net", "container": "data"},
            "team/",
        ),
        ("/Volumes/main/pilot/data", "folder", {"path": "/Volumes/main/pilot/data"}, ""),
        ("file:///mnt/a%20b", "folder", {"escaped_path": "/mnt/a%20b"}, ""),
    ],
)
def test_a_uri_is_taken_apart(uri: str, module: str, parts: Mapping[str, str], prefix: str) -> None:
    address = object_stores.address_of(uri)
    assert address
    assert (address.kind.module, address.parts, address.prefix) == (module, parts, prefix)


@pytest.mark.parametrize(
    ("uri", "sdk", "extra"),
    [
        ("gs://pilot-data", "google", "gcp"),
        ("https://pilot.blob.core.windows.net/data", "azure", "azure"),
        ("abfss://data@pilot.dfs.core.windows.net", "azure", "azure"),
    ],
)
def test_without_its_sdk_the_extra_is_named(
    uri: str, sdk: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *others: Any) -> Any:
        if name.partition(".")[0] == sdk:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *others)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InvalidEnvironmentError) as caught:
        object_stores.connect(uri)
    (problem,) = caught.value.problems
    assert problem.startswith(f"DATA_URI: {uri!r} needs the module {sdk}")
    assert problem.endswith(f"install pilothouse-workload[{extra}]")


def test_the_region_of_a_bucket_may_be_in_either_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    for name, region in {"": "eu-west-1", "eu-north-1": "eu-north-1"}.items():
        monkeypatch.setenv("AWS_REGION", name)
        store: Any = object_stores.connect("s3://pilot-data")
        assert store._client.meta.region_name == region


@pytest.mark.parametrize("form", ["{}", "{}/", "file://{}"])
def test_a_folder_takes_objects_and_gives_them_back(form: str, tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    folder.mkdir()
    uri = form.format(folder).replace(" ", "%20" if "file:" in form else " ")
    store = object_stores.connect(uri)
    store.write("runs/a/x.csv", b"1")
    store.write("runs/a/x.csv", b"22")
    assert store.read("runs/a/x.csv") == b"22"
    assert [path for path in folder.rglob("*") if path.is_file()] == [folder / "runs/a/x.csv"]


def test_a_write_that_fails_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = object_stores.connect(str(tmp_path))
    store.write("runs/a/x.csv", b"before")

    def half(path: Path, body: bytes) -> None:
        with path.open("wb") as file:
            file.write(body[: len(body) // 2])
        raise OSError("no space left")

    monkeypatch.setattr(Path, "write_bytes", half)
    for name in ("x.csv", "y.csv"):
        with pytest.raises(OSError, match="no space"):
            store.write(f"runs/a/{name}", b"afterwards")
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.relative_to(tmp_path) for path in kept] == [Path("runs/a/x.csv")]
    assert store.read("runs/a/x.csv") == b"before"


def test_a_folder_that_is_not_mounted_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(InvalidEnvironmentError, match="mount the volume"):
        object_stores.connect(f"{tmp_path}/volume")
    assert list(tmp_path.iterdir()) == []
