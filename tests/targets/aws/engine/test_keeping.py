"""What users made stays across `up`; `down --keep-data` leaves data, and `down` names DAGs."""

from pathlib import Path

import pytest

from tests.targets.aws.stage import AccountStack, stage

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]

KEPT = [
    "alias alias",
    "bucket churn-pilot-artifacts",
    "bucket churn-pilot-data",
    "key",
    "role churn-pilot-mlflow-role",
    "sagemaker MlflowApp",
    "sagemaker model_package_groups",
]
"""What is left, in the words of the account; MLflow's role since the app can't do without."""


def test_kept_data_are_taken_back_by_the_next_up_and_go_with_the_next_down(tmp_path: Path) -> None:
    with stage(tmp_path) as made:
        made.up()
        before, s3 = _ids(made.stack), made.cloud.client("s3")
        s3.put_object(Bucket=before["data"], Key="raw/churn.csv", Body=b"tenure,churn\n")
        made.down(keep_data=True)
        left = made.stack.traces()
        assert len(left) == len(KEPT)
        assert all(map(str.startswith, left, KEPT)), left
        changes = made.up()
        assert _ids(made.stack) == before
        assert set(changes) == {"create", "same"}
        got = s3.get_object(Bucket=before["data"], Key="raw/churn.csv")
        assert got["Body"].read() == b"tenure,churn\n"
        made.down()
        assert made.stack.traces() == []


def test_a_team_s_dags_stay_across_up_and_are_named_before_down_deletes_them(
    tmp_path: Path,
) -> None:
    with stage(tmp_path) as made:
        made.up()
        s3, bucket = made.cloud.client("s3"), _id(made.stack, "dags")
        names = ("churn.py", "shared/features.py")
        for name in names:
            s3.put_object(Bucket=bucket, Key=f"dags/{name}", Body=name.encode())
        made.configure(changed=True)
        made.up()
        for name in names:
            got = s3.get_object(Bucket=bucket, Key=f"dags/{name}")
            assert got["Body"].read() == name.encode()
        said = made.shown_before_down()
        named = ", ".join(
            f"s3://{bucket}/dags/{name}" for name in ("churn.py", "shared/features.py")
        )
        assert f"2 DAG files to be deleted: {named}" in said
        made.down()
        assert made.stack.traces() == []


def test_the_project_s_dags_reach_the_bucket_and_are_not_named_before_down(tmp_path: Path) -> None:
    with stage(tmp_path) as made:
        folder = made.stack.project / "dags"
        folder.mkdir()
        (folder / "churn.py").write_text("from airflow.sdk import DAG\n", encoding="utf-8")
        said = made.stack.run("up")
        assert "the team's DAGs are delivered: of 1 files 1 are written" in said
        s3, bucket = made.cloud.client("s3"), _id(made.stack, "dags")
        got = s3.get_object(Bucket=bucket, Key="dags/churn.py")
        assert got["Body"].read() == (folder / "churn.py").read_bytes()
        assert "DAG file" not in made.shown_before_down()
        made.down()
        assert made.stack.traces() == []


def _ids(stack: AccountStack) -> dict[str, str]:
    """Of the buckets of data, the key, MLflow and the registry, by their logical names."""
    names = ("data", "artifacts", "key", "mlflow", "model")
    return {name: _id(stack, name) for name in names}


def _id(stack: AccountStack, name: str) -> str:
    """The id of the last resource with that logical name."""
    found = [
        resource["id"]
        for resource in stack.resources()
        if "id" in resource and resource["urn"].endswith(f"::{name}")
    ]
    return str(found[-1])
