"""Clients of a real PostgreSQL with TLS, with the URLs and the variables that pods have."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from testkit.support import environments, postgres_server
from testkit.support.certificates import Authority

from pilothouse.targets.kubernetes.components import external_database
from tests.targets.conftest import GraphWith
from tests.targets.kubernetes.graph.pods import containers, pods
from tests.targets.local.machine import free_ports, short_folder
from tests.targets.suite.recorder import revealed

pytestmark = pytest.mark.live

CONNECT = Path(__file__).with_name("connect.py")
HOST, ADDRESS = "localhost", "127.0.0.1"
"""The name in the certificate, and an address of the same server that is not in it."""
PASSWORD = "hush-of-team"
USERS = {"airflow": "svc.airflow", "mlflow": "svc-mlflow"}
DATABASES = {"airflow": "ml_airflow", "mlflow": "ML-mlflow", "mlflowAuth": "ml.auth"}
OWNERS = {"airflow": "airflow", "mlflow": "mlflow", "mlflowAuth": "mlflow"}
STATEMENTS = [
    *(f"CREATE ROLE \"{user}\" LOGIN PASSWORD '{PASSWORD}'" for user in USERS.values()),
    *(f'CREATE DATABASE "{DATABASES[key]}" OWNER "{USERS[OWNERS[key]]}"' for key in DATABASES),
]


@dataclass(frozen=True)
class Server:
    """A running server: its port, and folders with its authority's certificate and another's."""

    port: int
    trusted: Path
    other: Path


@pytest.fixture(scope="module")
def python() -> Path:
    """The interpreter with the drivers of the locked Airflow."""
    return environments.installed("airflow") / "bin" / "python"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    authority, other, port = Authority("trusted"), Authority("other"), free_ports(1)
    with short_folder() as folder:
        for each in (authority, other):
            (folder / each.name).mkdir()
            (folder / each.name / "ca.crt").write_text(each.certificate)
        with postgres_server.running(folder, port, *authority.issue(HOST), STATEMENTS):
            yield Server(port=port, trusted=folder / "trusted", other=folder / "other")


@pytest.fixture
def ask(
    server: Server, python: Path, graph_with: GraphWith, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """What every URL of a stack gets, by driver and database, in its own pod's environment."""

    def answers(host: str, authority: Path, ssl_mode: str) -> dict[str, Any]:
        monkeypatch.setattr(external_database, "AUTHORITY", str(authority))
        database = {
            "host": host,
            "port": server.port,
            "cidr": "127.0.0.0/8",
            "secret": "team-db",
            "sslMode": ssl_mode,
            "certificateAuthority": {"configMap": "database-ca"},
            "users": USERS,
            "databases": DATABASES,
        }
        graph = graph_with(database=database, namespaceExists=True)
        found: dict[str, Any] = {}
        for component, urls in urls_of(graph).items():
            (*_, container) = containers(pods(graph)[component])
            given = {each["name"]: each["value"] for each in container["env"]}
            tls = {name: value for name, value in given.items() if name.startswith("PG")}
            found |= connected(python, urls, tls)
        return found

    return answers


def urls_of(graph: Any) -> Mapping[str, list[str]]:
    """The URLs of the databases, by a component that has them."""
    secrets = {
        name: revealed(dict(graph.one(f"Secret {name}").inputs))["stringData"]
        for name in ("airflow", "mlflow", "mlflow-files")
    }
    ini = secrets["mlflow-files"]["basic_auth.ini"].splitlines()
    (users,) = (line.partition(" = ")[2] for line in ini if line.startswith("database_uri"))
    return {
        "airflow-scheduler": [
            value for key, value in secrets["airflow"].items() if "SQL_ALCHEMY_CONN" in key
        ],
        "mlflow": [secrets["mlflow"]["MLFLOW_BACKEND_STORE_URI"], users],
    }


def connected(python: Path, urls: list[str], tls: Mapping[str, str]) -> dict[str, Any]:
    done = subprocess.run(
        [python, "-P", CONNECT],
        input="".join(f"{url}\n" for url in urls),
        env={**tls, "PGPASSWORD": PASSWORD, "HOME": "/tmp"},
        capture_output=True,
        text=True,
        check=True,
    )
    answers = map(json.loads, done.stdout.splitlines())
    return dict(zip(urls, answers, strict=True))


def test_the_right_name_and_authority_are_accepted(ask: Any, server: Server) -> None:
    answers = ask(HOST, server.trusted, "verify-full")
    assert len(answers) == 4
    assert set(map(str, answers.values())) == {"{'encrypted': True}"}


def test_a_name_that_is_not_in_the_certificate_is_refused(ask: Any, server: Server) -> None:
    for url, answer in ask(ADDRESS, server.trusted, "verify-full").items():
        assert ADDRESS in answer["error"], url
        assert "certificate" in answer["error"], url


def test_verify_ca_accepts_another_name(ask: Any, server: Server) -> None:
    answers = ask(ADDRESS, server.trusted, "verify-ca")
    assert set(map(str, answers.values())) == {"{'encrypted': True}"}


@pytest.mark.parametrize("mode", ["verify-full", "verify-ca"])
def test_a_certificate_of_another_authority_is_refused(ask: Any, server: Server, mode: str) -> None:
    for url, answer in ask(HOST, server.other, mode).items():
        assert "certificate verify failed" in answer["error"], url
