"""A newer Airflow on the database of an older one: real releases, on the stack's own PostgreSQL."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from testkit.support import environments, tools

from pilothouse.services.airflow import settings
from tests.targets.local.stores import Stores

pytestmark = [pytest.mark.live, pytest.mark.timeout(900)]

ANN = shlex.split(
    "--username ann --password the-first --role Viewer --email a@localhost -f Ann -l Example"
)
DAG = """
from airflow.sdk import dag, task

@dag(schedule=None)
def history():
    @task
    def step() -> str:
        return "done"
    step()

history()
"""
WRITE = """
from airflow.models import Connection, DagRun, Pool, Variable
from airflow.utils.session import create_session
with create_session() as session:
    session.add(Variable(key="region", val="eu"))
    session.add(Connection(conn_id="warehouse", conn_type="http", password="hidden"))
    session.add(Pool(pool="narrow", slots=2, include_deferred=False))
    session.add(DagRun("history", run_id="first", run_type="manual", state="success"))
"""
READ = """
import json
from airflow.models import Connection, DagRun, Pool, Variable
from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from airflow.utils.session import create_session
from sqlalchemy import select
from werkzeug.security import check_password_hash
with create_session() as session:
    found = {
        "variable": session.scalars(select(Variable).where(Variable.key == "region")).one().val,
        "connection": session.scalars(
            select(Connection).where(Connection.conn_id == "warehouse")).one().password,
        "slots": session.scalars(select(Pool).where(Pool.pool == "narrow")).one().slots,
        "runs": [(run.dag_id, run.run_id, run.state) for run in session.scalars(select(DagRun))],
    }
with get_application_builder() as builder:
    user = builder.sm.find_user("ann")
    found["roles"] = [role.name for role in user.roles]
    found["new password"] = check_password_hash(user.password, "the-second")
print("FOUND", json.dumps(found))
"""
CLEAR = """
from airflow.utils.session import create_session
from sqlalchemy import text
with create_session() as session:
    session.execute(text("drop owned by airflow"))
"""
FORGE = """
from airflow.utils.session import create_session
from sqlalchemy import text
with create_session() as session:
    session.execute(text("update alembic_version set version_num = 'ffffffffffff'"))
"""


class Database:
    """The stack's database of Airflow, and what reaches it: an interpreter, a folder, a key."""

    def __init__(self, stores: Stores, folder: Path) -> None:
        port = int(stores.state["Service postgres"]["ports"][0])
        login = f"airflow:{stores.secret('postgres', 'airflow')}"
        sync, later = (
            f"postgresql+{driver}://{login}@127.0.0.1:{port}/airflow"
            for driver in ("psycopg2", "asyncpg")
        )
        self.marker = folder / "migrated"
        self._folder = folder
        self._variables = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "AIRFLOW_HOME": str(folder),
            "AIRFLOW__CORE__AUTH_MANAGER": settings.AUTH_MANAGER,
            "AIRFLOW__CORE__DAGS_FOLDER": str(folder / "dags"),
            "AIRFLOW__CORE__FERNET_KEY": Fernet.generate_key().decode(),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            **settings.database_urls(sync, later),
        }

    def run(
        self, python: Path, *arguments: str, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [python, *arguments],
            env=self._variables,
            cwd=self._folder,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def write(self, python: Path, *arguments: str) -> None:
        done = self.run(python, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr

    def set_up(self, python: Path, password: str) -> subprocess.CompletedProcess[str]:
        """What the platform runs before Airflow starts."""
        users = [{"username": "ann", "role": "Op", "password": password}]
        others = {"people": [], "mark": "ours", "logins": "theirs", "keep_logins": True}
        accounts = json.dumps({"users": users, **others})
        return self.run(python, str(settings.SETUP), str(self.marker), stdin=accounts)

    def read(self, python: Path) -> Mapping[str, object]:
        done = self.run(python, "-c", READ)
        assert done.returncode == 0, done.stdout + done.stderr
        (line,) = (line for line in done.stdout.splitlines() if line.startswith("FOUND "))
        found: dict[str, object] = json.loads(line.removeprefix("FOUND "))
        return found


@pytest.fixture
def database(stores: Stores, tmp_path: Path) -> Iterator[Database]:
    """An empty database, whatever other tests made in it; empty again after the test."""
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "history.py").write_text(DAG)
    made = Database(stores, tmp_path)
    made.write(ours(), "-c", CLEAR)
    try:
        yield made
    finally:
        made.write(ours(), "-c", CLEAR)


def ours() -> Path:
    return environments.installed("airflow") / "bin" / "python"


def older(folder: Path, version: str, fab: str) -> Path:
    """The interpreter of an environment with an older Airflow and the FAB provider of its time."""
    made = folder / "older"
    uv = [str(tools.uv()), "--quiet"]
    subprocess.run([*uv, "venv", "--python", str(ours()), str(made)], check=True, timeout=60)
    python = made / "bin" / "python"
    packages = [f"apache-airflow-providers-fab=={fab}.*", "asyncpg", "psycopg2-binary"]
    install = [*uv, "pip", "install", "--python", str(python), f"apache-airflow=={version}.*"]
    subprocess.run([*install, *packages], check=True, timeout=500)
    return python


@pytest.mark.parametrize(("version", "fab"), [("3.1", "3.0"), ("3.2", "3.4")])
def test_what_an_older_version_has_written_is_kept(
    database: Database, tmp_path: Path, version: str, fab: str
) -> None:
    python = older(tmp_path, version, fab)
    for command in (["db", "migrate"], ["users", "create", *ANN], ["dags", "reserialize"]):
        database.write(python, "-m", "airflow", *command)
    database.write(python, "-c", WRITE)

    done = database.set_up(ours(), "the-second")
    assert done.returncode == 0, done.stdout + done.stderr
    assert database.marker.exists()
    assert database.read(ours()) == {
        "variable": "eu",
        "connection": "hidden",
        "slots": 2,
        "runs": [["history", "first", "success"]],
        "roles": ["Op"],
        "new password": True,
    }


def test_a_database_of_a_newer_version_is_refused_with_the_remedy(database: Database) -> None:
    assert database.set_up(ours(), "the-first").returncode == 0
    database.marker.unlink()
    database.write(ours(), "-c", FORGE)
    refused = database.set_up(ours(), "the-second")
    assert refused.returncode == 1
    assert "an Airflow newer than 3." in refused.stderr
    assert "use the version of pilothouse, or the image of Airflow, that wrote it" in refused.stderr
    assert not database.marker.exists()
