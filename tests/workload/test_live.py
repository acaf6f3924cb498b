"""The steps in their own environment, against a real S3 store and a real MLflow server."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from pilothouse.targets.local.layout import base_folder
from pilothouse.targets.local.resources.environment import environment_path, install

REPOSITORY = Path(__file__).parents[2]
ENVIRONMENTS = base_folder(REPOSITORY) / "environments"
LOCKS = REPOSITORY / "src" / "pilothouse" / "targets" / "local" / "locks"
SOURCE = REPOSITORY / "src" / "pilothouse" / "workload"
BUCKET = "pilot-data"
KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}

pytestmark = pytest.mark.live


def environment(name: str, source: Path | None = None) -> Path:
    """The environment of that name as the local target has it."""
    lock = LOCKS / f"{name}.txt"
    path = environment_path(ENVIRONMENTS, name, lock, source)
    install(path, lock, str(source) if source else None)
    return path


def free_ports(count: int) -> list[int]:
    """Ports that nothing listens on now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@contextmanager
def running(command: list[str], folder: Path, ready: str, **variables: str) -> Iterator[None]:
    """A server in a process group of its own, until `ready` answers; killed at the end."""
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=folder, env={"PATH": os.defpath, "HOME": str(folder), **variables},
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        until(lambda: answers(ready), what=f"{ready}: {(folder / 'log')}")
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).is_success
    except httpx.HTTPError:
        return False


def until(done: Callable[[], bool], what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """An S3 client of a SeaweedFS with one empty bucket."""
    folder = tmp_path_factory.mktemp("seaweedfs")
    ports = free_ports(8)
    names = ("s3.port", "s3.port.grpc", "filer.port", "filer.port.grpc", "master.port",
             "master.port.grpc", "volume.port", "volume.port.grpc")  # fmt: skip
    options = [f"-{name}={port}" for name, port in zip(names, ports, strict=True)]
    command = [
        str(environment("services") / "bin" / "weed"), "server", f"-dir={folder}", "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1", "-filer", "-s3", "-master.telemetry=false", "-master.peers=none",
        "-volume.max=0", "-master.volumeSizeLimitMB=64", "-s3.port.iceberg=0", "-s3.port.lance=0",
        f"-filer.localSocket={folder}/f", f"-s3.localSocket={folder}/s", *options,
    ]  # fmt: skip
    url = f"http://127.0.0.1:{ports[0]}"
    secrets = {name: value for name, value in KEYS.items() if name != "AWS_REGION"}
    with running(command, folder, f"{url}/healthz", TMPDIR=str(folder), **secrets):
        client = boto3.client("s3", endpoint_url=url, region_name="us-east-1",
                              aws_access_key_id="key", aws_secret_access_key="secret")  # fmt: skip
        client.create_bucket(Bucket=BUCKET)
        yield client
    for port, part in zip(ports[1::2], ("s3", "filer", "master", "volume"), strict=True):
        Path(f"/tmp/seaweedfs-{part}-grpc-{port}.sock").unlink(missing_ok=True)


@pytest.fixture(scope="module")
def tracking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an MLflow server with empty data and proxied artifacts."""
    folder = tmp_path_factory.mktemp("mlflow")
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    command = [
        str(environment("mlflow") / "bin" / "mlflow"), "server", "--host", "127.0.0.1", "--port",
        str(port), "--workers", "1", "--backend-store-uri", f"sqlite:///{folder}/db",
        "--artifacts-destination", str(folder / "artifacts"),
    ]  # fmt: skip
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with running(command, folder, f"{url}/health", **quiet):
        yield url


class Workload:
    """The installed workload with one token."""

    def __init__(self, token: str, endpoint: str, tracking: str, home: Path) -> None:
        self.token = token
        self.tracking = tracking
        self.program = environment("workload", SOURCE) / "bin" / "pilothouse-workload"
        self.variables = {
            **KEYS, "DATA_URI": f"s3://{BUCKET}/team", "AWS_ENDPOINT_URL_S3": endpoint,
            "MLFLOW_TRACKING_URI": tracking, "MODEL_NAME": "pilot", "RUN_TOKEN": token,
            "HOME": str(home), "TMPDIR": str(home),
        }  # fmt: skip

    def start(self, step: str) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        return subprocess.Popen(
            [self.program, step], env=self.variables, stdout=pipe, stderr=pipe, text=True
        )

    def __call__(self, step: str) -> dict[str, Any]:
        """Run a step that must work; returns its document, the whole of its stdout."""
        process = self.start(step)
        output, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        document: dict[str, Any] = json.loads(output)
        return document

    def refusal(self, step: str) -> str:
        """Run a step that must fail with exit code 1; returns its stderr."""
        process = self.start(step)
        output, errors = process.communicate(timeout=120)
        assert (process.returncode, output) == (1, "")
        return errors

    def runs(self) -> list[dict[str, Any]]:
        """The MLflow runs that carry the token."""
        body = {"experiment_ids": self._experiments(), "filter": f"tags.run_token = '{self.token}'"}
        found = httpx.post(f"{self.tracking}/api/2.0/mlflow/runs/search", json=body).json()
        return list(found.get("runs", []))

    def versions(self) -> list[dict[str, Any]]:
        """The model versions that carry the token."""
        question = {"filter": f"name = 'pilot' and tags.run_token = '{self.token}'"}
        url = f"{self.tracking}/api/2.0/mlflow/model-versions/search"
        return list(httpx.get(url, params=question).json().get("model_versions", []))

    def _experiments(self) -> list[str]:
        url = f"{self.tracking}/api/2.0/mlflow/experiments/search"
        found = httpx.post(url, json={"max_results": 100}).json()["experiments"]
        return [one["experiment_id"] for one in found]


@pytest.fixture
def workload(request: pytest.FixtureRequest, store: Any, tracking: str, tmp_path: Path) -> Workload:
    """The workload with a token of the test's own."""
    token = request.node.name.replace("_", "-").lower()[:50]
    return Workload(token, store.meta.endpoint_url, tracking, tmp_path)


def test_run_proves_the_platform(workload: Workload, store: Any) -> None:
    document = workload("run")
    key = f"team/runs/{workload.token}/result.json"
    assert json.loads(store.get_object(Bucket=BUCKET, Key=key)["Body"].read()) == document
    assert document["run_token"] == workload.token
    assert (document["rows"], document["predictions"]) == (569, 143)
    assert document["metrics"]["accuracy"] >= 0.9
    assert set(document["seconds"]) == {"prepare", "train", "register", "predict"}
    (run,), (version,) = workload.runs(), workload.versions()
    assert (run["info"]["run_id"], run["info"]["status"]) == (document["run_id"], "FINISHED")
    assert (version["version"], version["run_id"]) == (document["version"], document["run_id"])
    assert not [path for path in Path(workload.variables["TMPDIR"]).glob("tmp*") if path.is_dir()]


def test_every_step_may_be_repeated(workload: Workload) -> None:
    first = {step: workload(step) for step in ("prepare", "train", "register", "predict")}
    again = {step: workload(step) for step in ("prepare", "train", "register", "predict")}
    for document in (*first.values(), *again.values()):
        del document["seconds"]
    assert first == again
    assert (len(workload.runs()), len(workload.versions())) == (1, 1)


def test_a_killed_training_goes_on_with_its_run(workload: Workload) -> None:
    workload("prepare")
    process = workload.start("train")
    until(lambda: bool(workload.runs()), what="the run of the killed step")
    process.kill()
    process.communicate()
    (interrupted,) = workload.runs()
    assert workload("train")["run_id"] == interrupted["info"]["run_id"]
    (run,) = workload.runs()
    assert run["info"]["status"] == "FINISHED"


def test_another_runs_alias_is_refused(workload: Workload) -> None:
    document = workload("run")
    other = Workload(
        f"{workload.token}-2", workload.variables["AWS_ENDPOINT_URL_S3"], workload.tracking,
        Path(workload.variables["HOME"]),
    )  # fmt: skip
    assert other("run")["version"] != document["version"]
    assert "another run moved it" in workload.refusal("predict")
    assert workload("register")["version"] == document["version"]
    assert workload("predict")["version"] == document["version"]


def test_changed_data_is_refused(workload: Workload, store: Any) -> None:
    workload("prepare")
    key = f"team/runs/{workload.token}/breast_cancer.csv"
    store.put_object(Bucket=BUCKET, Key=key, Body=b"other")
    assert "other bytes" in workload.refusal("train")
    assert workload.runs() == []


def test_a_step_before_its_time_fails(workload: Workload) -> None:
    assert "NoSuchKey" in workload.refusal("register")
