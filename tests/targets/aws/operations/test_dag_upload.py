"""The project's DAGs in MWAA's bucket: delivered, changed, removed; nobody else's is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilothouse.config import dag_files
from pilothouse.errors import Refused
from pilothouse.targets.aws import naming
from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.aws.operations import dag_upload
from pilothouse.targets.aws.resources import TABLE
from pilothouse.targets.shared import inventory
from tests.targets.aws import planting

DAG = "from airflow.sdk import DAG\n\nwith DAG('{name}'):\n    pass\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two DAGs, one of them in a folder of its own."""
    made = tmp_path / "dags"
    (made / "daily").mkdir(parents=True)
    (made / "churn.py").write_text(DAG.format(name="churn"), encoding="utf-8")
    (made / "daily" / "report.py").write_text(DAG.format(name="report"), encoding="utf-8")
    return made


@pytest.fixture
def bucket(account: Account) -> str:
    """MWAA's bucket, with the stack's own files and a DAG that somebody put there."""
    planting.dag_file(account, "dags/by_hand.py")
    return account.plan.name(naming.DAGS)


def deliver(account: Account, folder: Path) -> str:
    return dag_upload.deliver(account, dag_files.read(folder, ()))


def objects(account: Account, bucket: str) -> dict[str, bytes]:
    s3 = account.client("s3")
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    return {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


def test_files_reach_the_bucket_beside_what_is_there(
    account: Account, bucket: str, folder: Path
) -> None:
    before = objects(account, bucket)
    assert "of 2 files 2 are written, and 0 are removed" in deliver(account, folder)
    after = objects(account, bucket)
    assert after["dags/churn.py"] == (folder / "churn.py").read_bytes()
    assert after["dags/daily/report.py"] == (folder / "daily" / "report.py").read_bytes()
    assert {key: after[key] for key in before} == before


def test_only_a_changed_file_is_written_again_and_one_that_is_gone_goes(
    account: Account, bucket: str, folder: Path
) -> None:
    deliver(account, folder)
    (folder / "churn.py").write_text(DAG.format(name="churn_2"), encoding="utf-8")
    (folder / "daily" / "report.py").unlink()
    assert "of 1 files 1 are written, and 1 are removed" in deliver(account, folder)
    assert "of 1 files 0 are written, and 0 are removed" in deliver(account, folder)
    left = objects(account, bucket)
    assert b"churn_2" in left["dags/churn.py"]
    assert "dags/daily/report.py" not in left
    assert "dags/by_hand.py" in left


@pytest.mark.parametrize("name", ["by_hand.py", "constraints.txt"])
def test_what_somebody_else_put_there_is_never_overwritten(
    account: Account, bucket: str, folder: Path, name: str
) -> None:
    (folder / name).write_text("# ours\n", encoding="utf-8")
    before = objects(account, bucket)
    with pytest.raises(Refused, match=f"dags/{name} was not put there from this folder"):
        deliver(account, folder)
    assert objects(account, bucket) == before


def test_what_was_delivered_is_no_leftover_of_the_team(
    account: Account, bucket: str, folder: Path
) -> None:
    deliver(account, folder)
    found = [item.name for item in inventory.find(account, TABLE.named("DAG file"))]
    assert found == [f"s3://{bucket}/dags/by_hand.py"]
