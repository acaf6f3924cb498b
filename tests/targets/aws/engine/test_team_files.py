"""What a team gives to MWAA gets there by `up`, under versions, and goes again."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from testkit.fake_providers.aws import account
from testkit.support.accounts import REGION

from tests.targets.aws.stage import Stage, stage

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]

SETTINGS = {
    "requirements": "airflow/requirements.txt",
    "constraints": "airflow/constraints.txt",
    "startupScript": "airflow/startup.sh",
    "plugins": "airflow/plugins",
}
FILES = {
    "airflow/requirements.txt": "pandas==2.2.3\n",
    "airflow/constraints.txt": "pandas==2.2.3\n",
    "airflow/startup.sh": "export STAGE=pilot\n",
    "airflow/plugins/churn.py": "FIRST = 1\n",
}


def write(made: Stage, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = made.stack.project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def environment() -> dict[str, Any]:
    (found,) = account.backend("mwaa", REGION).environments.values()
    return dict(found)


def content(made: Stage, file: str) -> bytes:
    """What the environment gets of a file: that version of that object."""
    known = environment()
    got = made.cloud.client("s3").get_object(
        Bucket=known["SourceBucketArn"].rpartition(":")[2],
        Key=known[f"{file}S3Path"],
        VersionId=known[f"{file}S3ObjectVersion"],
    )
    return bytes(got["Body"].read())


def plugins(made: Stage) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content(made, "Plugins"))) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_an_environment_gets_the_versions_of_the_team_s_files(tmp_path: Path) -> None:
    with stage(tmp_path) as made:
        write(made, FILES)
        made.configure(orchestration=SETTINGS)
        made.up()
        assert content(made, "Requirements").decode().splitlines() == [
            '--constraint "/usr/local/airflow/dags/constraints.txt"',
            "pandas==2.2.3",
        ]
        assert content(made, "StartupScript") == b"export STAGE=pilot\n"
        assert plugins(made) == {"churn.py": "FIRST = 1\n"}
        assert set(made.up()) == {"same"}
        write(made, {"airflow/plugins/churn.py": "SECOND = 2\n"})
        assert made.up()["update"] == 2
        assert plugins(made) == {"churn.py": "SECOND = 2\n"}
        shutil.rmtree(made.stack.project / ".pilothouse" / "plugins")
        made.configure()
        made.up()
        assert not {"PluginsS3Path", "StartupScriptS3Path"} & environment().keys()
        assert content(made, "Requirements").endswith(b"apache-airflow-providers-amazon\n")
        made.down()
        assert made.stack.traces() == []
