"""A newer MLflow on the database of an older one: real releases, on the stack's own PostgreSQL.

A client would migrate it by itself, so the revision is looked at before one opens it.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from testkit.support import environments, tools

from pilothouse.services.mlflow.settings import DRIVER, MIGRATE
from tests.targets.local.stores import Stores

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
STATEMENT = """
import os, sys
from sqlalchemy import create_engine, text
with create_engine(os.environ["MLFLOW_BACKEND_STORE_URI"]).begin() as connection:
    done = connection.execute(text(sys.argv[1]))
    print(done.scalar() if done.returns_rows else "")
"""


class Database:
    """The stack's database of MLflow, and the marker of its migration."""

    def __init__(self, stores: Stores, folder: Path) -> None:
        port = int(stores.state["Service postgres"]["ports"][0])
        login = f"mlflow:{stores.secret('postgres', 'mlflow')}"
        url = f"postgresql+{DRIVER}://{login}@127.0.0.1:{port}/mlflow"
        self.marker = folder / "migrated"
        self._folder = folder
        self._stores = dict.fromkeys(("MLFLOW_BACKEND_STORE_URI", "MLFLOW_TRACKING_URI"), url)

    def run(self, python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [python, *arguments],
            env={"PATH": os.environ["PATH"], "HOME": str(self._folder), **self._stores},
            cwd=self._folder,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def migrate(self) -> subprocess.CompletedProcess[str]:
        return self.run(ours(), str(MIGRATE), str(self.marker))

    def execute(self, statement: str) -> str:
        done = self.run(ours(), "-c", STATEMENT, statement)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def clear(self) -> None:
        self.execute("drop owned by mlflow")

    def revision(self) -> str:
        return self.execute("select version_num from alembic_version")


@pytest.fixture
def database(stores: Stores, tmp_path: Path) -> Iterator[Database]:
    """An empty database, whatever other tests made in it; empty again after the test."""
    made = Database(stores, tmp_path)
    made.clear()
    try:
        yield made
    finally:
        made.clear()


def ours() -> Path:
    return environments.installed("mlflow") / "bin" / "python"


def older(folder: Path, version: str) -> Path:
    """The interpreter of an environment with an older MLflow, from the package index."""
    made = folder / "older"
    uv = [str(tools.uv()), "--quiet"]
    subprocess.run([*uv, "venv", "--python", str(ours()), str(made)], check=True, timeout=60)
    python = made / "bin" / "python"
    install = [*uv, "pip", "install", "--python", str(python), f"mlflow=={version}.*"]
    subprocess.run([*install, "psycopg2-binary"], check=True, timeout=500)
    return python


@pytest.mark.parametrize("version", ["3.15", "3.16"])
def test_what_an_older_version_has_written_is_kept(
    database: Database, tmp_path: Path, version: str
) -> None:
    written = database.run(older(tmp_path, version), "-c", WRITE)
    assert written.returncode == 0, written.stderr
    before = database.revision()
    done = database.migrate()
    assert done.returncode == 0, done.stderr
    assert database.revision() != before
    assert database.marker.exists()
    read = database.run(ours(), "-c", READ)
    assert read.stdout.split()[1:] == ["old", "0.75"], read.stderr


def test_an_empty_database_is_made_and_made_only_once(database: Database) -> None:
    assert database.migrate().returncode == 0
    assert database.migrate().returncode == 0
    assert database.run(ours(), "-c", WRITE).returncode == 0


def test_a_database_of_a_newer_version_is_refused_with_the_remedy(database: Database) -> None:
    assert database.migrate().returncode == 0
    database.marker.unlink()
    database.execute("update alembic_version set version_num = 'ffffffffffff'")
    refused = database.migrate()
    assert refused.returncode == 1
    assert "an MLflow newer than 3." in refused.stderr
    assert "use the version of pilothouse that wrote it" in refused.stderr
    assert not database.marker.exists()
