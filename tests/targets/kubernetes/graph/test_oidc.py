"""With a provider both consoles' pods, and no others, are its client and may connect to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from pilothouse.errors import InvalidInput
from pilothouse.program.load import PLATFORM_FILE
from pilothouse.services import oidc
from tests.targets.kubernetes.graph.pods import component, containers, keys_read, pods
from tests.targets.kubernetes.policies.stacks import NETWORK
from tests.targets.suite import platforms
from tests.targets.suite.recorder import Recording, revealed

OIDC = {
    "issuer": "https://id.example.org/realms/team",
    "clientId": "pilot",
    "roles": {"viewer": ["all"], "admin": ["ml-admins"]},
}
CONSOLES = {"mlflow", "airflow-api-server"}
PROVIDER = {"cidr": "192.0.2.10/32", "port": 8443}
CLIENT = {"secret": "oidc-client", "egress": [PROVIDER]}
Recorder = Callable[..., Recording]


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Recorder:
    """`record(example, **settings)`: the graph of a platform with a provider."""

    def recorded(example: str = "minimal", issuer: str = "", **settings: Any) -> Recording:
        folder = tmp_path_factory.mktemp("oidc")
        project = platforms.project_of(platforms.ROOT / f"examples/{example}.yaml", folder)
        file = project / PLATFORM_FILE
        platform = yaml.safe_load(file.read_text())
        access = {
            **platform.get("access", {}),
            "oidc": OIDC | ({"issuer": issuer} if issuer else {}),
        }
        access.pop("people", None)
        file.write_text(yaml.safe_dump({**platform, "access": access}))
        given = {"namespaceExists": True, "oidc": CLIENT, **settings}
        return platforms.recorded(project, "kubernetes", settings=given)

    return recorded


@pytest.fixture(scope="module")
def connected(record: Recorder) -> Recording:
    return record()


def variables(graph: Recording, console: str) -> dict[str, str]:
    (pod,) = (pod for pod in pods(graph).values() if component(pod) == console)
    (container,) = containers(pod)
    return {each["name"]: each.get("value", "") for each in container["env"]}


def test_the_clients_secret_is_read_from_the_users_secret_by_these_alone(
    connected: Recording,
) -> None:
    readers = {
        component(pod): key
        for pod in pods(connected).values()
        for container in containers(pod)
        for variable, key in keys_read(pod, container).items()
        if variable == oidc.SECRET_VARIABLE
    }
    assert readers == dict.fromkeys(CONSOLES, ("oidc-client", "clientSecret"))


def test_another_key_can_be_named(record: Recorder) -> None:
    graph = record(oidc={**CLIENT, "secretKey": "word"})
    found = [
        keys_read(pod, container).get(oidc.SECRET_VARIABLE)
        for pod in pods(graph).values()
        for container in containers(pod)
    ]
    assert [key for key in found if key] == [("oidc-client", "word")] * 2


def test_their_modules_are_where_they_import_them_from(connected: Recording) -> None:
    for console in CONSOLES:
        data = connected.one(f"ConfigMap {console}-oidc").inputs["data"]
        assert {"oidc_provider.py", "airflow_oidc.py", "mlflow_oidc.py"} == data.keys()
        (pod,) = (pod for pod in pods(connected).values() if component(pod) == console)
        mounts = {each["mountPath"]: each["name"] for each in containers(pod)[0]["volumeMounts"]}
        names = {each["name"]: each for each in pod["spec"]["volumes"]}
        folder = variables(connected, console)["PYTHONPATH"]
        assert names[mounts[folder]]["configMap"]["name"] == f"{console}-oidc"
    configuration = variables(connected, "airflow-api-server")["AIRFLOW__FAB__CONFIG_FILE"]
    assert configuration == f"{folder}/airflow_oidc.py"


def test_nobody_else_may_connect_to_the_provider(connected: Recording) -> None:
    allowed = {
        policy.name
        for policy in connected.kind("NetworkPolicy")
        for rule in policy.inputs["spec"].get("egress", [])
        if {"ipBlock": {"cidr": PROVIDER["cidr"]}} in rule.get("to", [])
        and rule["ports"] == [{"port": PROVIDER["port"], "protocol": "TCP"}]
    }
    assert allowed == CONSOLES


def test_accounts_of_its_logins_stay(connected: Recording) -> None:
    for job, place in (("airflow-setup", ()), ("mlflow-setup", ("people",))):
        given = revealed(dict(connected.one(f"Secret {job}").inputs))["stringData"]["users.json"]
        accounts = json.loads(given)
        for key in place:
            accounts = accounts[key]
        assert accounts["keep_logins"] is True


def test_a_private_platform_redirects_to_the_address_that_is_asked(connected: Recording) -> None:
    known = json.loads(variables(connected, "mlflow")["PILOTHOUSE_OIDC"])
    assert (known["issuer"], known["tracking_url"]) == (OIDC["issuer"], "")


def test_a_public_one_redirects_to_its_own(record: Recorder) -> None:
    known = json.loads(variables(record("full"), "mlflow")["PILOTHOUSE_OIDC"])
    assert known["tracking_url"] == "https://mlflow.churn.example.org"


def test_pods_start_again_when_the_groups_change(record: Recorder, connected: Recording) -> None:
    other = record(issuer="https://other.example.org")
    for console in CONSOLES:
        seen = [
            revealed(dict(graph.one(f"Deployment {console}").inputs))["spec"]["template"]
            for graph in (connected, other)
        ]
        assert len({each["metadata"]["annotations"]["oidc"] for each in seen}) == 2


def test_the_provider_is_asked_by_the_proxy_unless_it_has_egress(record: Recorder) -> None:
    direct, through = (
        variables(record(network=NETWORK, oidc=client), "mlflow")["NO_PROXY"].split(",")
        for client in (CLIENT, {"secret": "oidc-client"})
    )
    assert "id.example.org" in direct
    assert "id.example.org" not in through


@pytest.mark.parametrize(
    ("settings", "issuer", "key", "remedy"),
    [
        ({"oidc": None}, "", "oidc", "add `oidc` with `secret`"),
        ({"oidc": {"secret": "oidc-client"}}, "", "oidc.egress", "add the addresses"),
        ({}, "http://localhost:8080", "oidc", "https://"),
        ({"namespaceExists": False}, "", "namespaceExists", "Secret oidc-client (oidc.secret)"),
    ],
)
def test_what_keeps_pods_from_the_provider_is_refused(
    record: Recorder, settings: dict[str, Any], issuer: str, key: str, remedy: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        record(issuer=issuer, **settings)
    (problem,) = caught.value.problems
    assert problem.key.endswith(key)
    assert remedy in problem.found + problem.remedy


def test_without_a_provider_nothing_of_it_is_there(tmp_path: Path) -> None:
    project = platforms.project_of(platforms.ROOT / "examples/minimal.yaml", tmp_path)
    graph = platforms.recorded(project, "kubernetes")
    for resource in graph:
        assert "PILOTHOUSE_OIDC" not in repr(revealed(dict(resource.inputs)))
        assert not resource.name.endswith("-oidc")
