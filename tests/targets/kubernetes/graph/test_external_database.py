"""A database of the user's with a verified certificate, and with names of its own."""

from __future__ import annotations

from typing import Any

import pytest

from pilothouse.targets.kubernetes.settings.component_table import (
    ALLOWED_CONNECTIONS,
    POSTGRES,
    POSTGRES_COMPONENTS,
)
from tests.targets.conftest import GraphWith
from tests.targets.kubernetes.graph.pods import containers, keys_read, pods
from tests.targets.kubernetes.policies import stacks
from tests.targets.suite.recorder import Recording, revealed

FOLDER = "/database-ca"
CLIENTS = {client for client, to in ALLOWED_CONNECTIONS.items() if POSTGRES in to} - set(
    POSTGRES_COMPONENTS
)


@pytest.fixture(scope="module")
def graph(graph_with: GraphWith) -> Recording:
    return graph_with(database=stacks.VERIFIED, namespaceExists=True)


def secret(graph: Recording, name: str) -> dict[str, str]:
    return dict(revealed(dict(graph.one(f"Secret {name}").inputs))["stringData"])


def tls_of(container: dict[str, Any]) -> dict[str, str]:
    given = {each["name"]: each["value"] for each in container["env"]}
    return {name: value for name, value in given.items() if name.startswith("PGSSL")}


def test_every_client_of_the_database_verifies_it_and_nobody_else_has_the_authority(
    graph: Recording,
) -> None:
    verified = {"PGSSLMODE": "verify-full", "PGSSLROOTCERT": f"{FOLDER}/bundle.pem"}
    source = {"name": "config-database-ca", "configMap": {"name": "database-ca"}}
    mount = {"name": "config-database-ca", "mountPath": FOLDER, "readOnly": True}
    found = pods(graph)
    assert set(found) > CLIENTS
    for name, pod in found.items():
        is_client = name in CLIENTS
        (*_, container) = containers(pod)
        assert tls_of(container) == (verified if is_client else {}), name
        assert (source in pod["spec"]["volumes"]) == is_client, name
        assert (mount in container["volumeMounts"]) == is_client, name


def test_without_verification_no_authority_is_mounted(graph_with: GraphWith) -> None:
    usual = graph_with(database=stacks.DATABASE, namespaceExists=True)
    told = [tls_of(each) for pod in pods(usual).values() for each in containers(pod)]
    assert {"PGSSLMODE": "require"} in told
    assert all(each.get("PGSSLROOTCERT") is None for each in told)
    assert FOLDER not in repr([pods(usual)])


def test_urls_have_the_names_of_the_settings(graph: Recording) -> None:
    server = "@db.example.org:5432"
    mlflow = f"postgresql+psycopg2://svc_mlflow{server}"
    for name in ("mlflow", "mlflow-gc"):
        assert secret(graph, name)["MLFLOW_BACKEND_STORE_URI"] == f"{mlflow}/ml_mlflow"
    users = secret(graph, "mlflow-files")["basic_auth.ini"]
    assert f"database_uri = {mlflow}/ml_auth\n" in users
    urls = [url for key, url in secret(graph, "airflow").items() if "SQL_ALCHEMY_CONN" in key]
    assert sorted(urls) == [
        f"postgresql+{driver}://svc_airflow{server}/ml_airflow"
        for driver in ("asyncpg", "psycopg2")
    ]


def test_keys_of_the_secret_are_the_applications_whatever_the_roles_are(graph: Recording) -> None:
    found = pods(graph)
    for name, key in (("mlflow", "mlflow"), ("airflow-scheduler", "airflow")):
        (*_, container) = containers(found[name])
        assert keys_read(found[name], container)["PGPASSWORD"] == ("team-db", key)


def test_pods_restart_when_names_change(graph: Recording, graph_with: GraphWith) -> None:
    other = {**stacks.VERIFIED, "databases": {"airflow": "another"}}
    changed = graph_with(database=other, namespaceExists=True)
    for name in ("mlflow", "airflow-scheduler", "airflow-setup"):
        before, after = (pods(each)[name]["metadata"]["annotations"] for each in (graph, changed))
        assert before["database-names"] != after["database-names"], name
