"""The steps in their own environment, against a real S3 store and a real MLflow server."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from .services import BUCKET, KEYS, SOURCE, environment, mlflow_server, until

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def tracking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an MLflow server with empty data and proxied artifacts."""
    folder = tmp_path_factory.mktemp("mlflow")
    with mlflow_server(folder, "--artifacts-destination", str(folder / "artifacts")) as url:
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
