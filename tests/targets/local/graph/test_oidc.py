"""With a provider both consoles' servers, and no other process, are its client."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from pilothouse.program.load import PLATFORM_FILE
from pilothouse.services import oidc
from tests.targets.suite import platforms
from tests.targets.suite.recorder import Recording, Secret, plain, revealed

SECRET = "of the client"
OIDC = {
    "issuer": "https://id.example.org",
    "clientId": "pilot",
    "roles": {"viewer": ["all"], "admin": ["ml-admins"]},
}
CONSOLES = {"mlflow", "airflow-api-server"}


@pytest.fixture(scope="module")
def connected(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    project = platforms.project_of(
        platforms.ROOT / "examples/minimal.yaml", tmp_path_factory.mktemp("oidc")
    )
    file = project / PLATFORM_FILE
    file.write_text(f"{file.read_text()}{yaml.safe_dump({'access': {'oidc': OIDC}})}")
    (project / "secret").write_text(f"{SECRET}\n")
    (project / "ca.pem").write_text("an authority")
    settings = {"oidc": {"clientSecretFile": "secret", "caFile": "ca.pem"}}
    return platforms.recorded(project, "local", settings=settings)


def environment(graph: Recording, service: str) -> Any:
    return graph.one(f"Service {service}").inputs["environment"]


def test_both_consoles_know_the_provider(connected: Recording) -> None:
    for name in CONSOLES:
        known = json.loads(environment(connected, name)["PILOTHOUSE_OIDC"])
        assert known["issuer"] == OIDC["issuer"]
        assert next(iter(known["roles"].items())) == ("admin", ["ml-admins"])
        assert Path(known["ca_file"]).read_text() == "an authority"
        assert (Path(environment(connected, name)["PYTHONPATH"]) / "oidc_provider.py").is_file()


def test_the_secret_is_with_these_alone_and_is_one(connected: Recording) -> None:
    holders = {r.name for r in connected if SECRET in repr(revealed(dict(r.inputs)))}
    assert holders == CONSOLES
    for name in CONSOLES:
        service = connected.one(f"Service {name}")
        assert SECRET not in repr(plain(dict(service.inputs)))
        assert isinstance(service.inputs["secrets"], Secret) or isinstance(
            service.inputs["secrets"][oidc.SECRET_VARIABLE], Secret
        )


def test_only_these_are_told_of_the_provider(connected: Recording) -> None:
    told = {
        r.name for r in connected.kind("Service") if "PILOTHOUSE_OIDC" in r.inputs["environment"]
    }
    assert told == CONSOLES


def test_airflow_executes_the_configuration_and_ends_sessions(connected: Recording) -> None:
    variables = environment(connected, "airflow-api-server")
    assert Path(variables["AIRFLOW__FAB__CONFIG_FILE"]).is_file()
    minutes = json.loads(variables["PILOTHOUSE_OIDC"])["session_seconds"] / 60
    assert float(variables["AIRFLOW__FAB__SESSION_MAX_LIFETIME_MINUTES"]) == minutes == 720


def test_mlflow_asks_the_function(connected: Recording, minimal: Recording) -> None:
    lines = [
        revealed(dict(graph.one("Service mlflow").inputs))["files"]["basic_auth.ini"].splitlines()
        for graph in (connected, minimal)
    ]
    function = "authorization_function = mlflow_oidc:authenticate"
    assert [function in each for each in lines] == [True, False]


def test_without_a_provider_nothing_of_it_is_there(minimal: Recording) -> None:
    for service in minimal.kind("Service"):
        assert "OIDC" not in repr(revealed(dict(service.inputs)))
