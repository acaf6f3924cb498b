"""The consoles at any address of this machine, and what the login of `env --clients` may do."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from testkit.support.consoles import airflow_session, forwarded
from testkit.support.stacks import Stack

pytestmark = pytest.mark.live

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
SEARCH = "/ajax-api/2.0/mlflow/experiments/search"
QUICK_START = """
import mlflow
with mlflow.start_run():
    mlflow.log_param("alpha", 0.5)
    mlflow.log_metric("rmse", 0.71)
    mlflow.log_text("hello", "hello.txt")
"""
"""A run without an experiment, as MLflow's documentation begins."""


@pytest.fixture(scope="module")
def mlflow_port(contract: Any) -> Iterator[int]:
    """A forwarded port of MLflow."""
    with forwarded(contract["tracking"]["console"]) as port:
        yield port


def search(port: int, contract: Any, host: str, **headers: str) -> httpx.Response:
    """The reply to a call of MLflow's pages, asked by this name of the host."""
    secrets = contract["tracking"]["secrets"]
    return httpx.post(
        f"http://127.0.0.1:{port}{SEARCH}",
        json={"max_results": 1},
        auth=(secrets["MLFLOW_TRACKING_USERNAME"], secrets["MLFLOW_TRACKING_PASSWORD"]),
        headers={"Host": host, **headers},
        timeout=30,
        trust_env=False,
    )


@pytest.mark.parametrize("name", LOOPBACK)
def test_mlflow_answers_at_any_port_of_this_machine(
    mlflow_port: int, contract: Any, name: str
) -> None:
    hosts = [name, f"{name}:{mlflow_port}", f"{name}:{urlsplit(contract['tracking']['uri']).port}"]
    for host in hosts:
        reply = search(mlflow_port, contract, host, Origin=f"http://{host}")
        assert reply.status_code == HTTPStatus.OK, (host, reply.text)


@pytest.mark.parametrize(
    "host",
    [
        "mlflow.example.org",
        "localhost.example.org:80",
        "127.0.0.1.example.org",
        "example.org:5000",
        "192.168.1.7",
        "1",
        ":1",
    ],
)
def test_mlflow_refuses_other_names_of_the_host(mlflow_port: int, contract: Any, host: str) -> None:
    reply = search(mlflow_port, contract, host)
    assert reply.status_code == HTTPStatus.FORBIDDEN
    assert "Invalid Host header" in reply.text


def test_mlflow_refuses_calls_from_pages_of_other_sites(mlflow_port: int, contract: Any) -> None:
    host = f"localhost:{mlflow_port}"
    reply = search(mlflow_port, contract, host, Origin="http://localhost.example.org")
    assert reply.status_code == HTTPStatus.FORBIDDEN
    assert "Cross-origin" in reply.text


@pytest.mark.parametrize("name", LOOPBACK[:2])
def test_airflows_login_and_logout_stay_at_a_forwarded_port(contract: Any, name: str) -> None:
    orchestration = contract["orchestration"]
    with forwarded(orchestration["console"]) as port:
        base = f"http://{name}:{port}"
        with airflow_session(base, orchestration["login"]) as browser:
            assert browser.get("/api/v2/dags").status_code == HTTPStatus.OK


def test_mlflows_quick_start_works_as_printed(stack: Stack, contract: Any) -> None:
    environment = Path(urlsplit(contract["compute"]["uri"]).path)
    done = subprocess.run(
        [environment / "bin" / "python", "-c", QUICK_START],
        env={**os.environ, **stack.json("env", "--clients")},
        cwd=stack.project / "tmp",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_user_of_clients_cannot_delete_the_default_experiment(contract: Any) -> None:
    tracking = contract["tracking"]
    secrets = tracking["secrets"]
    reply = httpx.post(
        f"{tracking['uri']}/api/2.0/mlflow/experiments/delete",
        json={"experiment_id": "0"},
        auth=(secrets["MLFLOW_TRACKING_USERNAME"], secrets["MLFLOW_TRACKING_PASSWORD"]),
        timeout=30,
    )
    assert reply.status_code == HTTPStatus.FORBIDDEN


def test_the_user_of_clients_manages_pools_variables_and_connections_but_no_users(
    contract: Any,
) -> None:
    orchestration = contract["orchestration"]
    secrets = orchestration["secrets"]
    login = {"username": secrets["AIRFLOW_USERNAME"], "password": secrets["AIRFLOW_PASSWORD"]}
    secret = "p@ss/w:rd"
    with httpx.Client(base_url=orchestration["uri"], timeout=60) as client:
        token = client.post("/auth/token", json=login).raise_for_status().json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        for path, body in {
            "pools": {"name": "small", "slots": 2},
            "variables": {"key": "small", "value": "7"},
            "connections": {"connection_id": "small", "conn_type": "http", "password": secret},
        }.items():
            made = client.post(f"/api/v2/{path}", json=body)
            assert made.status_code == HTTPStatus.CREATED, made.text
            listed = client.get(f"/api/v2/{path}").raise_for_status().text
            assert '"small"' in listed
            assert secret not in listed
            client.delete(f"/api/v2/{path}/small").raise_for_status()
        assert client.get("/auth/fab/v1/users").status_code == HTTPStatus.FORBIDDEN
