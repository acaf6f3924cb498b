"""A newer MLflow on the database of an older one, by the program that the local target runs.

The database is one of SQLite, which MLflow migrates by the same revisions as PostgreSQL. A client
would migrate it by itself, so the revision is looked at before one opens it.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from pilothouse.services.mlflow.settings import MIGRATE
from tests.e2e.workload.services import environment

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]

WRITE = """
import mlflow
mlflow.set_experiment("kept")
with mlflow.start_run(run_name="old"):
    mlflow.log_metric("accuracy", 0.75)
"""
READ = """
import mlflow
(run,) = mlflow.search_runs(experiment_names=["kept"], output_format="list")
print(mlflow.__version__, run.info.run_name, run.data.metrics["accuracy"])
"""
FORGE = """
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as database:
    database.execute("update alembic_version set version_num = 'ffffffffffff'")
"""


def run(python: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A program on the database of the folder."""
    database = f"sqlite:///{folder}/db"
    stores = dict.fromkeys(("MLFLOW_BACKEND_STORE_URI", "MLFLOW_TRACKING_URI"), database)
    return subprocess.run(
        [python, *arguments],
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **stores},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def migrate(folder: Path) -> subprocess.CompletedProcess[str]:
    python = environment("mlflow") / "bin" / "python"
    return run(python, folder, str(MIGRATE), str(folder / "migrated"))


def revision(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "db")) as database:
        ((found,),) = database.execute("select version_num from alembic_version")
    return str(found)


def older(folder: Path, version: str) -> Path:
    """The interpreter of an environment with an older MLflow, from the package index."""
    made = folder / "older"
    uv = ["uv", "--quiet"]
    subprocess.run([*uv, "venv", str(made)], check=True, timeout=60)
    python = made / "bin" / "python"
    packages = [*uv, "pip", "install", "--python", str(python), f"mlflow=={version}.*"]
    subprocess.run(packages, check=True, timeout=500)
    return python


@pytest.mark.parametrize("version", ["3.15", "3.16"])
def test_what_an_older_version_has_written_is_kept(tmp_path: Path, version: str) -> None:
    written = run(older(tmp_path, version), tmp_path, "-c", WRITE)
    assert written.returncode == 0, written.stderr
    before = revision(tmp_path)
    done = migrate(tmp_path)
    assert done.returncode == 0, done.stderr
    assert revision(tmp_path) != before
    assert (tmp_path / "migrated").exists()
    read = run(environment("mlflow") / "bin" / "python", tmp_path, "-c", READ)
    assert read.stdout.split()[1:] == ["old", "0.75"], read.stderr


def test_an_empty_database_is_made_and_made_only_once(tmp_path: Path) -> None:
    assert migrate(tmp_path).returncode == 0
    assert migrate(tmp_path).returncode == 0
    python = environment("mlflow") / "bin" / "python"
    assert run(python, tmp_path, "-c", WRITE).returncode == 0


def test_a_database_of_a_newer_version_is_refused_with_the_remedy(tmp_path: Path) -> None:
    python = environment("mlflow") / "bin" / "python"
    assert migrate(tmp_path).returncode == 0
    (tmp_path / "migrated").unlink()
    assert run(python, tmp_path, "-c", FORGE, str(tmp_path / "db")).returncode == 0
    refused = migrate(tmp_path)
    assert refused.returncode == 1
    assert "an MLflow newer than 3." in refused.stderr
    assert "use the version of pilothouse that wrote it" in refused.stderr
    assert not (tmp_path / "migrated").exists()
