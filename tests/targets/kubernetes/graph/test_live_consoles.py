"""Real servers with what a private platform's pods are told, through ports as `open` has them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest
from testkit.support.consoles import airflow_session, forwarded
from testkit.support.environments import installed

from pilothouse.services.airflow.settings import SETUP_JOB
from pilothouse.targets.kubernetes.settings.component_table import MLFLOW, MLFLOW_JOB
from tests.e2e.workload.services import environment, free_ports, running
from tests.targets.conftest import GraphOf
from tests.targets.kubernetes.graph.test_services import MINIMAL, data, pod, variables
from tests.targets.kubernetes.policies.manifests import Manifests, manifests_of

pytestmark = pytest.mark.live

ABSENT = ("AIRFLOW__CORE__EXECUTOR", "AIRFLOW__CORE__DAGS_FOLDER", "AIRFLOW_HOME")
"""Settings that need a cluster or folders of a pod."""


@pytest.fixture(scope="module")
def stack(graph_of: GraphOf) -> Manifests:
    return manifests_of(graph_of(MINIMAL, "kubernetes"))


@pytest.fixture(scope="module")
def users(stack: Manifests) -> dict[str, str]:
    """The passwords of MLflow's users."""
    return {user["username"]: user["password"] for user in listed(stack, MLFLOW_JOB)}


@pytest.fixture(scope="module")
def mlflow(stack: Manifests, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of MLflow as its pods run it, but for its database, after its set-up job."""
    folder = tmp_path_factory.mktemp("mlflow")
    (port,) = free_ports(1)
    database = f"sqlite:///{folder}/tracking.db"
    told = variables(pod(stack, f"Deployment {MLFLOW}"))
    authentication = data(stack, "Secret", "mlflow-files")["basic_auth.ini"]
    lines = [
        f"database_uri = sqlite:///{folder}/users.db" if line.startswith("database_uri") else line
        for line in authentication.splitlines()
    ]
    (folder / "basic_auth.ini").write_text("\n".join(lines))
    own = {
        "HOME": str(folder),
        "MLFLOW_AUTH_CONFIG_PATH": str(folder / "basic_auth.ini"),
        "MLFLOW_BACKEND_STORE_URI": database,
        "MLFLOW_ARTIFACTS_DESTINATION": str(folder / "artifacts"),
        "MLFLOW_FLASK_SERVER_SECRET_KEY": "of-this-test",
    }
    settings = {**told, **own}
    for _ in range(2):  # a job that runs again changes nothing
        set_up(stack, MLFLOW_JOB, environment("mlflow"), folder, settings)
    command = [
        str(environment("mlflow") / "bin" / "mlflow"), "server", "--host=127.0.0.1",
        f"--port={port}", "--workers=1", "--app-name=basic-auth", "--serve-artifacts",
    ]  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    with running(command, folder, f"{url}/health", **settings):
        yield url


@pytest.fixture(scope="module")
def airflow(stack: Manifests, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of Airflow's API server with the pods' settings, after its set-up job."""
    folder = tmp_path_factory.mktemp("airflow")
    (port,) = free_ports(1)
    told = data(stack, "ConfigMap", "airflow")
    (folder / "dags").mkdir()
    own = {
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__CORE__DAGS_FOLDER": str(folder / "dags"),
        "AIRFLOW__API__SECRET_KEY": "of-this-test",
        "AIRFLOW__API_AUTH__JWT_SECRET": "of-this-test" * 6,
    }
    settings = {name: value for name, value in told.items() if name not in ABSENT} | own
    set_up(stack, SETUP_JOB, installed("airflow"), folder, settings, str(folder / "migrated"))
    command = [
        str(installed("airflow") / "bin" / "airflow"),
        "api-server",
        "--host=127.0.0.1",
        f"--port={port}",
    ]
    url = f"http://127.0.0.1:{port}"
    with running(command, folder, f"{url}/execution/health", **settings):
        yield url


def listed(stack: Manifests, job: str) -> list[dict[str, str]]:
    """The users that a set-up job makes."""
    users: list[dict[str, str]] = json.loads(data(stack, "Secret", job)["users.json"])["users"]
    return users


def set_up(
    stack: Manifests,
    job: str,
    python: Path,
    folder: Path,
    settings: Mapping[str, str],
    *arguments: str,
) -> None:
    """Run the script of a set-up job with its users."""
    script = folder / "setup.py"
    script.write_text(data(stack, "ConfigMap", job)["setup.py"])
    done = subprocess.run(
        [python / "bin" / "python", script, *arguments],
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), **settings},
        input=data(stack, "Secret", job)["users.json"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_mlflow_answers_through_a_forwarded_port_and_not_by_a_foreign_name(
    mlflow: str, users: dict[str, str]
) -> None:
    def status(host: str) -> int:
        return httpx.post(
            f"http://127.0.0.1:{port}/api/2.0/mlflow/experiments/search",
            json={"max_results": 1},
            auth=("admin", users["admin"]),
            headers={"Host": host},
            timeout=30,
            trust_env=False,
        ).status_code

    with forwarded(mlflow) as port:
        for name in ("localhost", "127.0.0.1", "[::1]"):
            assert status(f"{name}:{port}") == HTTPStatus.OK
        for name in ("mlflow.example.org", f"localhost.example.org:{port}", "10.0.0.1:5000"):
            assert status(name) == HTTPStatus.FORBIDDEN


def test_clients_may_start_a_run_without_an_experiment_and_not_delete_that_of_all(
    mlflow: str, users: dict[str, str]
) -> None:
    login = ("workload", users["workload"])
    api = f"{mlflow}/api/2.0/mlflow"
    with httpx.Client(auth=login, timeout=30, trust_env=False) as client:
        made = client.post(f"{api}/runs/create", json={"experiment_id": "0"})
        assert made.status_code == HTTPStatus.OK, made.text
        refused = client.post(f"{api}/experiments/delete", json={"experiment_id": "0"})
        assert refused.status_code == HTTPStatus.FORBIDDEN


def test_airflows_login_stays_at_a_forwarded_port(airflow: str, stack: Manifests) -> None:
    logins = {user["username"]: user["password"] for user in listed(stack, SETUP_JOB)}
    with forwarded(airflow) as port:
        for username, password in logins.items():
            login = {"username": username, "password": password}
            with airflow_session(f"http://localhost:{port}", login) as browser:
                assert browser.get("/api/v2/connections").status_code == HTTPStatus.OK
