"""PostgresCluster and its server, from the platform's own program."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from testkit.support.waiting import eventually

from pilothouse.errors import PilothouseError
from pilothouse.targets.local.processes import process_table
from pilothouse.targets.local.resources.postgres_cluster import PostgresClusterProvider
from tests.targets.local.crud import State, create, is_gone
from tests.targets.local.machine import command_lines
from tests.targets.local.stores import Stores

pytestmark = pytest.mark.live
CLUSTER, SERVICE, READY = (
    "PostgresCluster postgres-cluster", "Service postgres", "Ready postgres-ready"
)  # fmt: skip


def query(
    stores: Stores, role: str, database: str, statement: str, password: str = ""
) -> subprocess.CompletedProcess[str]:
    """What psql says to a statement; the password is the role's own unless one is given."""
    state = stores.state[SERVICE]
    address = ["--host=127.0.0.1", f"--port={int(state['ports'][0])}"]
    return subprocess.run(
        [
            Path(state["command"][0]).with_name("psql"), "--no-psqlrc", "--no-password",
            "--tuples-only", "--no-align", *address, f"--username={role}", f"--dbname={database}",
            f"--command={statement}",
        ],
        env={"PGPASSWORD": password or stores.secret("postgres", role)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("role", "database"), [("airflow", "airflow"), ("mlflow", "mlflow"), ("mlflow", "mlflow_auth")]
)
def test_a_role_works_in_its_own_databases(stores: Stores, role: str, database: str) -> None:
    make = "CREATE TABLE IF NOT EXISTS trial (n int); SELECT current_user"
    done = query(stores, role, database, make)
    assert done.returncode == 0, done.stderr
    assert role in done.stdout


@pytest.mark.parametrize(
    ("role", "database"), [("airflow", "mlflow"), ("airflow", "mlflow_auth"), ("mlflow", "airflow")]
)
def test_a_role_cannot_enter_the_others_databases(stores: Stores, role: str, database: str) -> None:
    done = query(stores, role, database, "SELECT 1")
    assert done.returncode != 0
    assert "permission denied for database" in done.stderr


def test_a_wrong_password_opens_nothing(stores: Stores) -> None:
    assert "password authentication failed" in query(stores, "mlflow", "mlflow", "", "no").stderr
    assert query(stores, "mlflow", "mlflow", "SELECT 1", " ").returncode != 0


def test_nobody_logs_in_as_the_superuser(stores: Stores) -> None:
    done = query(stores, "postgres", "postgres", "SELECT 1", stores.secret("postgres", "airflow"))
    assert "password authentication failed" in done.stderr


def test_roles_are_no_superusers(stores: Stores) -> None:
    for role in ("airflow", "mlflow"):
        asked = "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication FROM pg_roles"
        done = query(stores, role, role, f"{asked} WHERE rolname = '{role}'")
        assert done.stdout.strip() == "f"


def server(stores: Stores) -> psutil.Process:
    folder = Path(stores.state[CLUSTER]["data"])
    found = process_table.of_folder(folder)
    return next(process for process in found if process.parent() not in found)


def test_it_listens_on_loopback_only(stores: Stores) -> None:
    listening = [c for c in server(stores).net_connections() if c.status == psutil.CONN_LISTEN]
    assert [tuple(c.laddr) for c in listening] == [
        ("127.0.0.1", int(stores.state[SERVICE]["ports"][0]))
    ]


def test_its_data_is_its_users_only(stores: Stores) -> None:
    data = Path(stores.state[CLUSTER]["data"])
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert server(stores).username() == data.owner() != "root"


def test_no_password_is_in_a_command_line_or_in_the_log(stores: Stores) -> None:
    passwords = [stores.secret("postgres", role) for role in ("airflow", "mlflow")]
    log = (stores.home / "log" / "postgres.log").read_text()
    for password in passwords:
        assert password not in command_lines(stores.home)
        assert password not in log


def start_again(stores: Stores) -> None:
    stores.update(SERVICE, after={"cluster": stores.state[CLUSTER]["revision"]})
    stores.update(READY)


def test_a_changed_password_is_the_only_one_and_the_data_stays(stores: Stores) -> None:
    assert query(stores, "mlflow", "mlflow", "CREATE TABLE kept AS SELECT 7 AS n").returncode == 0
    roles = stores.state[CLUSTER]["roles"]
    changed = {**roles, "mlflow": {**roles["mlflow"], "password": "another-one"}}
    before = stores.state[CLUSTER]["revision"]
    try:
        stores.update(CLUSTER, roles=changed)
        start_again(stores)
        assert stores.state[CLUSTER]["revision"] > before
        done = query(stores, "mlflow", "mlflow", "SELECT n FROM kept", "another-one")
        assert done.stdout == "7\n"
        assert query(stores, "mlflow", "mlflow", "SELECT 1").returncode != 0
        assert query(stores, "airflow", "airflow", "SELECT 1").returncode == 0
    finally:
        stores.update(CLUSTER, roles=roles)
        start_again(stores)
    done = query(stores, "mlflow", "mlflow", "DROP TABLE kept")
    assert done.returncode == 0, done.stderr


def test_data_of_another_major_version_are_refused_while_the_server_runs(stores: Stores) -> None:
    version = Path(stores.state[CLUSTER]["data"]) / "PG_VERSION"
    before, running = version.read_text(), server(stores)
    version.write_text("17\n")
    try:
        with pytest.raises(PilothouseError, match=r"are of PostgreSQL 17, which PostgreSQL \d+ of"):
            stores.update(CLUSTER, roles=stores.state[CLUSTER]["roles"] | {"new": {}})
    finally:
        version.write_text(before)
    assert server(stores) == running


def test_the_cluster_is_seen_to_be_there(stores: Stores) -> None:
    assert stores.drift(CLUSTER) == ""


@pytest.fixture
def apart(stores: Stores, folder: Path) -> State:
    """The inputs of a cluster in another folder, which no server is on."""
    (folder / "data").mkdir(mode=0o711)
    elsewhere = {"home": str(folder), "data": str(folder / "data" / "postgres")}
    return {**stores.state[CLUSTER], **elsewhere}


def test_a_cluster_that_ended_half_way_is_made_again(apart: State) -> None:
    """A refused statement ends it, and the error has no password; the next try begins anew."""
    data, half = Path(apart["data"]), Path(apart["data"] + ".new")
    roles = {"no such role": {"password": "hush-nobody-may-see-this", "databases": []}}
    with pytest.raises(PilothouseError) as caught:
        create(PostgresClusterProvider(), {**apart, "roles": roles})
    assert "PostgreSQL refused a statement" in str(caught.value)
    assert "hush" not in str(caught.value)
    assert half.exists()
    assert is_gone(PostgresClusterProvider(), apart)
    create(PostgresClusterProvider(), apart)
    assert (data / "PG_VERSION").is_file()
    assert not half.exists()


CREATE = """
import json, sys
from pilothouse.targets.local.resources.postgres_cluster import PostgresClusterProvider
PostgresClusterProvider().create(json.load(sys.stdin))
"""


def test_a_cluster_whose_making_was_killed_is_made_again_at_once(apart: State) -> None:
    half = Path(apart["data"] + ".new")
    command = [sys.executable, "-c", CREATE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as killed:
        assert killed.stdin
        json.dump(apart, killed.stdin)
        killed.stdin.close()
        eventually((half / "base").is_dir)
        killed.kill()
    create(PostgresClusterProvider(), apart)
    assert not half.exists()
    assert not process_table.of_folder(half)


def test_programs_that_are_not_there_are_named(apart: State) -> None:
    with pytest.raises(PilothouseError, match="initdb ended with 1"):
        create(PostgresClusterProvider(), {**apart, "programs": "/no/such"})
