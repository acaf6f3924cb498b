"""The workload on a folder, before an MLflow server that knows no logged models."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from testkit.support.http_front import http_front

from .services import SOURCE, environment, mlflow_server

pytestmark = pytest.mark.live

STEPS = ("prepare", "train", "register", "predict")


@dataclass
class Asked:
    """A front of an MLflow server, and what was asked of it in vain."""

    behind: str
    url: str = ""
    unknown: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def tracking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """A real MLflow whose logged models are answered 404, with an empty body as Azure does."""
    folder = tmp_path_factory.mktemp("mlflow")
    with mlflow_server(folder, "--artifacts-destination", str(folder / "artifacts")) as behind:
        asked = Asked(behind)

        def own(
            method: str, path: str, _headers: Mapping[str, str], _body: bytes
        ) -> tuple[int, str] | None:
            if "/mlflow/logged-models" not in path:
                return None
            asked.unknown.append(f"{method} {urlsplit(path).path}")
            return 404, ""

        with http_front(behind, own) as asked.url:
            yield asked


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    """A folder as a service mounts a volume."""
    path = tmp_path / "Volumes" / "main"
    path.mkdir(parents=True)
    return path


def run(step: str, tracking: Asked, volume: Path) -> dict[str, Any]:
    """Run a step with its variables as arguments; its document."""
    home = volume.parents[1]
    told = {
        "DATA_URI": volume, "MLFLOW_TRACKING_URI": tracking.url, "MODEL_NAME": "pilot",
        "RUN_TOKEN": "run-of-a-volume",
    }  # fmt: skip
    program = environment("workload", SOURCE) / "bin" / "pilothouse-workload"
    arguments = [part for name, value in told.items() for part in ("--set", f"{name}={value}")]
    done = subprocess.run(
        [program, *arguments, step], env={"HOME": str(home), "TMPDIR": str(home)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_a_model_is_an_artifact_of_its_run_where_there_are_no_logged_models(
    tracking: Asked, volume: Path
) -> None:
    documents = {step: run(step, tracking, volume) for step in STEPS}
    result = documents["predict"]
    assert result["metrics"]["accuracy"] >= 0.9
    assert documents["train"]["source"] == f"runs:/{result['run_id']}/model"
    assert "model_id" not in result
    assert tracking.unknown.count("POST /api/2.0/mlflow/logged-models/search") >= 1
    assert "POST /api/2.0/mlflow/logged-models" not in tracking.unknown

    own = volume / "runs" / "run-of-a-volume"
    assert json.loads((own / "result.json").read_text()) == result
    url, question = f"{tracking.behind}/api/2.0/mlflow", {"name": "pilot", "version": "1"}
    version = httpx.get(f"{url}/model-versions/get", params=question).json()["model_version"]
    assert (version["run_id"], version["status"]) == (result["run_id"], "READY")
    assert not version.get("model_id")
    found = httpx.get(f"{url}/artifacts/list", params={"run_id": result["run_id"], "path": "model"})
    assert "model/MLmodel" in [file["path"] for file in found.json()["files"]]

    asked = len(tracking.unknown)
    again = {step: run(step, tracking, volume) for step in ("train", "register")}
    for step, document in again.items():
        assert {**document, "seconds": 0} == {**documents[step], "seconds": 0}
    assert len(tracking.unknown) == asked
