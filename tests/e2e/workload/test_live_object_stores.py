"""The stores of the workload and of `run_step.py` on emulators, each by its real SDK."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pilothouse_workload import dataset
from testkit.object_stores import (
    ACCOUNT,
    BUCKET,
    KEY,
    LOCKS,
    Emulator,
    azure,
    connection_string,
    google,
)

from pilothouse.services.workload import RUN_STEP

from .services import SOURCE, environment, free_ports, running

pytestmark = pytest.mark.live

BASE = {"MODEL_NAME": "pilot", "MLFLOW_TRACKING_URI": "http://127.0.0.1:1"}

LIST = {
    "google": f"""
from google.cloud.storage import Client
names = [blob.name for blob in Client().list_blobs({BUCKET!r})]
""",
    "azure": f"""
import os
from azure.storage.blob import ContainerClient
text = os.environ["AZURE_STORAGE_CONNECTION_STRING"]
names = list(ContainerClient.from_connection_string(text, {BUCKET!r}).list_blob_names())
""",
}


def python(folder: Path, *arguments: str, expect: int = 0, **variables: str) -> str:
    """What Python, with the workload and the SDKs, says on stdout, or on stderr if it fails."""
    done = subprocess.run(
        [environment("clients", SOURCE, LOCKS) / "bin" / "python", *arguments],
        env={**BASE, "HOME": str(folder), "TMPDIR": str(folder), **variables}, cwd=folder,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == expect, done.stderr
    return done.stderr if expect else done.stdout


# What steps and `pilothouse` do with a store, by the names in it; 9 MB are more than one request.
USED = f"""
import json, os, sys
from pathlib import Path
sys.path.insert(0, {str(RUN_STEP.parent)!r})
from run_step import InvalidRunError, Store

store, made, found = Store(os.environ["DATA_URI"]), Path("made"), Path("found").resolve()
(made / "a").mkdir(parents=True)
(made / "a" / "large").write_bytes(bytes(9_000_000))
(made / "old").write_text("1")
kept = [store.keep("run-of-steps", "train", made)]
(made / "old").unlink()
(made / "new").write_text("2")
kept.append(store.keep("run-of-steps", "train", made))
fetched = store.fetch("run-of-steps", "train", found)
same = (found / "a" / "large").read_bytes() == bytes(9_000_000)
names = sorted(str(path.relative_to(found)) for path in found.rglob("*") if path.is_file())

store._objects.upload(made / "new", "team/packages/0123456789ab.tar.gz")
Path("current").write_text(json.dumps({{"package": "0123456789ab"}}))
store._objects.upload(Path("current"), "team/packages/current.json")
store.fetch_package("", "packages/current.json", Path("package"))
try:
    store.fetch_package("ba9876543210", "", Path("none"))
except InvalidRunError as error:
    refused = str(error)
print(json.dumps([kept, fetched, same, names, Path("package").read_text(), refused]))
"""


@dataclass(frozen=True)
class Cloud:
    """A running emulator with a folder for the programs that use it."""

    name: str
    emulator: Emulator
    folder: Path

    def python(self, *arguments: str, expect: int = 0, **variables: str) -> str:
        """What Python says with the emulator's variables."""
        own = {**self.emulator.variables, "DATA_URI": self.emulator.uri, **variables}
        return python(self.folder, *arguments, expect=expect, **own)

    def names(self) -> list[str]:
        """The objects in it."""
        found = self.python("-c", f"{LIST[self.name]}\nimport json; print(json.dumps(names))")
        return sorted(json.loads(found))


@pytest.fixture(scope="module", params=["google", "azure"])
def cloud(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cloud]:
    """An emulator with one empty bucket."""
    folder, name = tmp_path_factory.mktemp(request.param), str(request.param)
    (port,) = free_ports(1)
    emulator = azure(port, folder) if name == "azure" else google(port)
    with running(emulator.command, folder, emulator.is_ready):
        made = Cloud(name, emulator, folder)
        made.python("-c", emulator.make)
        yield made


def test_what_prepare_writes_is_in_the_store(cloud: Cloud) -> None:
    arguments = ("-m", "pilothouse_workload", "--set", "RUN_TOKEN=run-of-a-store", "prepare")
    documents = [json.loads(cloud.python(*arguments)) for _ in range(2)]
    assert [document["rows"] for document in documents] == [569, 569]
    found = [name for name in cloud.names() if "run-of-a-store" in name]
    written = [f"team/runs/run-of-a-store/{name}" for name in (dataset.FILE, "prepare.json")]
    assert found == written


def test_steps_hand_on_files_and_find_packages(cloud: Cloud) -> None:
    kept, fetched, same, names, package, refused = json.loads(cloud.python("-c", USED))
    assert (kept, fetched, same, names) == ([2, 2], 2, True, ["a/large", "new"])
    assert package == "2"
    assert refused.startswith("no package ba9876543210 in the store")
    own = [name for name in cloud.names() if "run-of-steps" in name]
    assert own == [f"team/runs/run-of-steps/outputs/train/{name}" for name in ("a/large", "new")]


def test_a_missing_object_is_named(cloud: Cloud) -> None:
    said = cloud.python(
        "-m", "pilothouse_workload", "register", expect=1, RUN_TOKEN="run-of-nothing"
    )  # fmt: skip
    assert "register failed" in said
    assert ("NotFound" if cloud.name == "google" else "BlobNotFound") in said


FOLDERS = """
import os, sys
sys.path.insert(0, sys.argv[1])
from run_step import Store

objects = Store(os.environ["DATA_URI"])._objects
objects._container.upload_blob("x/a", b"", metadata={"hdi_isfolder": "true"})
objects._container.upload_blob("x/a/b", b"1")
print(*objects.names("x/"))
"""


@pytest.mark.parametrize("cloud", ["azure"], indirect=True)
def test_a_folder_of_a_hierarchical_namespace_is_no_file(cloud: Cloud) -> None:
    uri = f"abfss://{BUCKET}@{ACCOUNT}.dfs.core.windows.net"
    assert cloud.python("-c", FOLDERS, str(RUN_STEP.parent), DATA_URI=uri).split() == ["x/a/b"]


def test_an_account_is_reached_by_its_own_address_and_identity(tmp_path: Path) -> None:
    program = """
from pilothouse_workload.object_stores import connect
for uri in ("abfss://data@pilot1.dfs.a.net/team", "https://pilot1.blob.a.net/data"):
    container = connect(uri)._container
    print(container.url, type(container.credential).__name__)
"""
    reached = "https://pilot1.blob.a.net/data DefaultAzureCredential"
    assert python(tmp_path, "-c", program).splitlines() == [reached, reached]


@pytest.mark.parametrize(
    "program",
    [
        "from pilothouse_workload.object_stores import connect",
        "from run_step import Store as connect",
    ],
)
def test_another_accounts_connection_string_is_refused_without_its_key(
    tmp_path: Path, program: str
) -> None:
    uri = "abfss://data@another.dfs.core.windows.net"
    said = python(
        *(tmp_path, "-c", f"{program}; connect({uri!r})"),
        expect=1,
        PYTHONPATH=str(RUN_STEP.parent),
        AZURE_STORAGE_CONNECTION_STRING=connection_string("http://127.0.0.1:1"),
    )
    told = said.splitlines()[-1]
    assert "AZURE_STORAGE_CONNECTION_STRING" in told
    assert all(name in told for name in (ACCOUNT, "another"))
    assert KEY not in said
