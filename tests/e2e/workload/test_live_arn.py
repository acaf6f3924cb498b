"""The workload as AWS runs it: MLflow by its ARN, the store by the machine's own identity.

The plugin and MLflow are real; between them stands what takes a request only if it is signed.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from testkit.support.signed_front import Expected, Front, signed_front

from pilothouse.contract import Capability, Contract
from pilothouse.errors import PilothouseError
from pilothouse.lifecycle.proof.evidence import collect
from pilothouse.services.workflows import Run
from pilothouse.targets.aws.clients.target import AwsClients

from .services import BUCKET, KEYS, REPOSITORY, SOURCE, environment, mlflow_server

pytestmark = pytest.mark.live

LOCKS = REPOSITORY / "src" / "pilothouse" / "targets" / "aws" / "assets" / "requirements"
ARN = "arn:aws:sagemaker:us-east-1:123456789012"
KINDS = {
    f"{ARN}:mlflow-app/app-ABCDEFGH1234": ("us-east-1/sagemaker", "x-sm-mlflow-app-arn"),
    f"{ARN}:mlflow-tracking-server/pilot-mlflow-123456": (
        "us-east-1/sagemaker-mlflow",
        "x-mlflow-sm-tracking-server-arn",
    ),
}


@pytest.fixture(scope="module")
def mlflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real MLflow whose clients write artifacts to the bucket, as SageMaker's do."""
    root = ("--default-artifact-root", f"s3://{BUCKET}/mlflow", "--no-serve-artifacts")
    with mlflow_server(tmp_path_factory.mktemp("mlflow"), *root) as url:
        yield url


@pytest.fixture(params=KINDS, ids=["app", "tracking-server"])
def arn(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def front(mlflow: str, arn: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Front]:
    """The way to MLflow, for the workload and for whoever looks for its traces."""
    scope, header = KINDS[arn]
    keys = {KEYS["AWS_ACCESS_KEY_ID"]: KEYS["AWS_SECRET_ACCESS_KEY"]}
    with signed_front(mlflow, Expected(keys, scope, header, arn)) as made:
        monkeypatch.setenv("SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT", made.url)
        for name, value in KEYS.items():
            monkeypatch.setenv(name, value)
        yield made


@pytest.fixture
def contract(store: Any, arn: str) -> Contract:
    """A contract without secrets, as the `aws` target's is."""
    where = {
        "DATA_URI": f"s3://{BUCKET}",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_S3": store.meta.endpoint_url,
    }
    return Contract(
        storage=Capability(uri=where["DATA_URI"], console="", environment=where),
        compute=Capability(uri="", console="", environment={"MODEL_NAME": "pilot-model"}),
        tracking=Capability(uri=arn, console="", environment={"MLFLOW_TRACKING_URI": arn}),
        orchestration=Capability(uri="", console=""),
    )


def run_workload(contract: Contract, front: Front, token: str, home: Path) -> dict[str, Any]:
    """Run each step on its own, as SageMaker does; returns the last one's document."""
    program = environment("workload", SOURCE, LOCKS) / "bin" / "pilothouse-workload"
    told = {
        **contract.storage.environment, **contract.compute.environment,
        **contract.tracking.environment, **KEYS, "RUN_TOKEN": token, "HOME": str(home),
        "TMPDIR": str(home), "SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT": front.url,
    }  # fmt: skip
    output = ""
    for step in ("prepare", "train", "register", "predict"):
        done = subprocess.run(
            [program, step], env=told, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, (front.refused, done.stderr)
        output = done.stdout
    document: dict[str, Any] = json.loads(output)
    return document


def test_the_workload_proves_an_mlflow_that_is_named_by_its_arn(
    contract: Contract, front: Front, store: Any, tmp_path: Path
) -> None:
    token = f"arn-run-{contract.tracking.uri[-6:].lower()}"
    document = run_workload(contract, front, token, tmp_path)
    ended = Run(name="dag/run", steps="", state="success", succeeded=True, token=token)
    evidence, result = collect(contract, AwsClients(), token, ended)
    assert result == document
    assert {one.place: one.found for one in evidence} == {
        "bucket": f"s3://{BUCKET}/runs/{token}/result.json",
        "orchestrator": "dag/run",
        "tracking": f"run {document['run_id']}",
        "registry": f"pilot-model version {document['version']}",
    }
    assert front.refused == []
    kept = store.list_objects_v2(Bucket=BUCKET, Prefix="mlflow/")["Contents"]
    assert any(item["Key"].endswith("confusion.png") for item in kept)


def test_a_caller_with_other_keys_is_told_that_mlflow_refuses(
    contract: Contract, front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    with pytest.raises(PilothouseError, match="MLflow answers 403 to experiments/search"):
        AwsClients().tracking(contract.tracking).find_runs("token")
    assert "another signature is due" in front.refused[0]
