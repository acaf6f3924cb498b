"""What was deleted in MLflow goes for good, with its artifacts; all else stays."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from testkit.support.stacks import Stack
from testkit.support.tracking import Tracking, tracking

pytestmark = pytest.mark.live

NOTHING: dict[str, object] = {
    "runs": [],
    "models": [],
    "experiments": [],
    "objects": 0,
    "bytes": 0,
}
BACKDATE = """
import json, os, sys
from sqlalchemy import create_engine, text
days, ids = int(sys.argv[1]), json.loads(sys.argv[2])
tables = {
    "runs": "UPDATE runs SET deleted_time = deleted_time - :ms WHERE run_uuid = :id",
    "models": "UPDATE logged_models SET last_updated_timestamp_ms = last_updated_timestamp_ms"
    " - :ms WHERE model_id = :id",
    "experiments": "UPDATE experiments SET last_update_time = last_update_time - :ms"
    " WHERE experiment_id = :id",
}
with create_engine(os.environ["_MLFLOW_SERVER_FILE_STORE"]).begin() as connection:
    for table, id in ids:
        id = int(id) if table == "experiments" else id
        done = connection.execute(text(tables[table]), {"ms": days * 86_400_000, "id": id})
        assert done.rowcount == 1, (table, id)
"""


@pytest.fixture
def mlflow(contract: Any) -> Iterator[Tracking]:
    with tracking(contract["tracking"]["uri"], contract["tracking"]["login"]) as opened:
        yield opened


@pytest.fixture
def bucket(stack: Stack) -> Any:
    """The bucket of artifacts, with the keys of its admin."""
    inputs = stack.resource("artifacts-bucket")["inputs"]
    store = boto3.resource(
        "s3",
        endpoint_url=inputs["endpoint"],
        aws_access_key_id=inputs["access_key"],
        aws_secret_access_key=inputs["secret_key"],
        region_name="us-east-1",
    )
    return store.Bucket(inputs["bucket"])


def keys(bucket: Any, part: str) -> list[str]:
    """The names of the objects that exist whose key has `part` in it."""
    return sorted(each.key.rpartition("/")[2] for each in bucket.objects.all() if part in each.key)


def versions(bucket: Any, part: str) -> list[str]:
    """Those that are kept, noncurrent ones included."""
    found = (each for each in bucket.object_versions.all() if part in each.object_key)
    return sorted(each.object_key.rpartition("/")[2] for each in found if each.size)


def backdate(stack: Stack, days: int, *deleted: tuple[str, str]) -> None:
    """Make it `days` longer ago that these were deleted, each a kind and an id."""
    variables = json.loads((stack.home / "services" / "mlflow" / "environment.json").read_text())
    python = Path(variables["PATH"].partition(":")[0]) / "python"
    subprocess.run(
        [python, "-c", BACKDATE, str(days), json.dumps(deleted)], env=variables, check=True
    )


def test_old_deletions_go_for_good_and_all_else_stays(
    stack: Stack, mlflow: Tracking, bucket: Any
) -> None:
    stack.run("gc", "--older-than", "0s", "--yes")
    artifacts = {"note.txt": b"n" * 1000, "plots/plot.bin": b"p" * 500}
    old, new, live = (mlflow.make_run(artifacts) for _ in range(3))
    model, kept_model = (mlflow.make_model({"model.bin": b"m" * 70}) for _ in range(2))
    experiment = mlflow.make_experiment("an old one")
    inner = mlflow.make_run({"inner.txt": b"i" * 3}, experiment)
    mlflow.delete_run(old)
    mlflow.delete_run(new)
    mlflow.delete_model(model)
    mlflow.delete_experiment(experiment)
    gone = ("runs", old), ("runs", inner), ("models", model), ("experiments", experiment)
    backdate(stack, 8, *gone)

    document = stack.json("gc", "--older-than", "7d", "--yes")
    assert document["garbage"] == {
        "runs": sorted([old, inner]),
        "models": [model],
        "experiments": [experiment],
        "objects": 4,
        "bytes": 1573,
    }
    assert document["freed"] == document["garbage"]
    assert [mlflow.stage_of(run) for run in (old, inner)] == ["", ""]
    assert [mlflow.stage_of(run) for run in (new, live)] == ["deleted", "active"]
    assert [keys(bucket, each) for each in (old, inner, model)] == [[], [], []]
    for run in (new, live):
        assert keys(bucket, run) == ["note.txt", "plot.bin"]
    assert keys(bucket, kept_model) == ["model.bin"]
    assert "noncurrent versions: the space is free after 90 days more" in document["retention"]
    assert versions(bucket, old) == ["note.txt", "plot.bin"]

    again = stack.json("gc", "--older-than", "7d")
    assert (again["garbage"], again["freed"]) == (NOTHING, NOTHING)
    last = stack.run("gc", "--older-than", "0s", "--yes")
    assert "deleted for good: 1 run, 0 models, 0 experiments, 2 artifacts of 1.5 kB" in last
    assert (mlflow.stage_of(new), mlflow.stage_of(live)) == ("", "active")


def test_without_a_terminal_it_shows_what_would_go_and_deletes_nothing(
    stack: Stack, mlflow: Tracking, bucket: Any
) -> None:
    run = mlflow.make_run({"note.txt": b"12345"})
    mlflow.delete_run(run)
    refused = stack.run("gc", "--older-than", "0s", expect=2)
    assert "to be deleted for good: 1 run" in refused
    assert run in refused
    assert "stdin is not a terminal; pass --yes" in refused
    assert mlflow.stage_of(run) == "deleted"
    assert keys(bucket, run) == ["note.txt"]
    stack.run("gc", "--older-than", "0s", "--yes")
    assert mlflow.stage_of(run) == ""


def test_without_a_limit_it_is_the_platforms_retention(stack: Stack, mlflow: Tracking) -> None:
    run = mlflow.make_run({})
    mlflow.delete_run(run)
    backdate(stack, 89, ("runs", run))
    assert "more than 90d ago" in stack.run("gc", "--yes")
    assert mlflow.stage_of(run) == "deleted"
    backdate(stack, 2, ("runs", run))
    assert stack.json("gc", "--yes")["freed"] == {**NOTHING, "runs": [run]}


def test_no_secret_is_in_its_command_line_and_it_leaves_no_files(
    stack: Stack, contract: Any
) -> None:
    secret = contract["tracking"]["login"]["password"]
    lines: set[str] = set()
    with stack.start("gc", "--older-than", "0s", "--yes") as process:
        while process.poll() is None:
            lines |= stack.command_lines()
    assert process.returncode == 0
    assert [line for line in lines if "mlflow_gc.py list 0.000s" in line]
    assert not [line for line in lines if secret in line or "postgresql" in line]
    assert not (stack.home / "services" / "mlflow-gc").exists()
