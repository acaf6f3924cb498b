"""A public platform's consoles have hosts of their own, over TLS; a private one serves nothing."""

from pathlib import Path
from typing import Any

import pytest

from pilothouse.services.mlflow.settings import LOOPBACK_HOSTS
from pilothouse.targets.kubernetes.settings import component_table
from pilothouse.targets.kubernetes.settings.environment import RESERVED
from tests.targets.conftest import GraphOf
from tests.targets.kubernetes.graph.pods import containers, pods
from tests.targets.suite import platforms
from tests.targets.suite.mocked_types import SETTINGS
from tests.targets.suite.recorder import Recording, plain, revealed

HOSTS = {"mlflow": "mlflow.churn.example.org", "airflow-api-server": "airflow.churn.example.org"}
PUBLIC = platforms.ROOT / "examples/full.yaml"
CONTROLLER = {
    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress-nginx"}}
}


@pytest.fixture(scope="module")
def by_ingress(graph_of: GraphOf) -> Recording:
    return graph_of(PUBLIC, "kubernetes")


@pytest.fixture(scope="module")
def by_gateway(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    project = platforms.project_of(PUBLIC, tmp_path_factory.mktemp("gateway"))
    gateway = {"name": "main", "namespace": "gateways", "sectionName": "https"}
    settings = {"exposure": {"gateway": gateway, "controller": {"cidr": "192.0.2.0/24"}}}
    return platforms.recorded(project, "kubernetes", settings=settings)


def test_each_console_has_its_own_host_over_tls(by_ingress: Recording) -> None:
    ingresses = {each.name: each.inputs["spec"] for each in by_ingress.kind("Ingress")}
    assert set(ingresses) == set(HOSTS)
    for name, spec in ingresses.items():
        assert spec["ingressClassName"] == "nginx"
        assert spec["tls"] == [{"hosts": [HOSTS[name]], "secretName": "consoles"}]
        (rule,) = spec["rules"]
        (path,) = rule["http"]["paths"]
        assert rule["host"] == HOSTS[name]
        assert path["backend"]["service"] == {
            "name": name,
            "port": {"number": component_table.PORTS[name]},
        }


def test_one_wildcard_certificate_serves_hosts_of_ones_own(
    tmp_path: Path,
) -> None:
    project = platforms.project_of(PUBLIC, tmp_path)
    hosts = {"mlflow": "churn-mlflow.example.org", "airflow": "churn-airflow.example.org"}
    ingress = {"className": "nginx", "defaultCertificate": True}
    controller = {"namespace": "ingress-nginx"}
    exposure = {"hosts": hosts, "ingress": ingress, "controller": controller}
    graph = platforms.recorded(project, "kubernetes", settings={"exposure": exposure})
    specs = {each.name: each.inputs["spec"] for each in graph.kind("Ingress")}
    assert specs["mlflow"]["tls"] == [{"hosts": [hosts["mlflow"]]}]
    assert specs["airflow-api-server"]["rules"][0]["host"] == hosts["airflow"]
    contract = plain(graph.outputs["contract"])
    assert contract["tracking"]["console"] == f"https://{hosts['mlflow']}"
    assert contract["orchestration"]["console"] == f"https://{hosts['airflow']}"
    assert "mlflow.churn.example.org" not in repr(list(graph))


def test_a_route_attaches_to_the_listener_of_the_gateway(by_gateway: Recording) -> None:
    assert by_gateway.kind("Ingress") == []
    routes = {each.name: each.inputs["spec"] for each in by_gateway.kind("HTTPRoute")}
    assert {name: spec["hostnames"] for name, spec in routes.items()} == {
        name: [host] for name, host in HOSTS.items()
    }
    for name, spec in routes.items():
        parent = {"name": "main", "namespace": "gateways", "sectionName": "https"}
        assert spec["parentRefs"] == [parent]
        assert spec["rules"] == [
            {"backendRefs": [{"name": name, "port": component_table.PORTS[name]}]}
        ]


def test_a_console_is_exposed_after_its_pods_are_ready(by_ingress: Recording) -> None:
    for name in HOSTS:
        needed = by_ingress.needs(by_ingress.one(f"Ingress {name}"))
        assert {f"Deployment {name}", f"Service {name}"} <= needed


def peers(graph: Recording, component: str) -> list[Any]:
    rules = graph.one(f"NetworkPolicy {component}").inputs["spec"]["ingress"]
    return [peer for rule in rules for peer in rule["from"] if "podSelector" not in peer]


def test_the_controller_reaches_the_consoles_and_nothing_else(
    by_ingress: Recording, by_gateway: Recording
) -> None:
    for name in component_table.COMPONENTS:
        assert peers(by_ingress, name) == ([CONTROLLER] if name in HOSTS else [])
        network = {"ipBlock": {"cidr": "192.0.2.0/24"}}
        assert peers(by_gateway, name) == ([network] if name in HOSTS else [])


def test_people_get_the_public_address_and_pods_the_one_inside(by_ingress: Recording) -> None:
    contract = plain(by_ingress.outputs["contract"])
    tracking, orchestration = contract["tracking"], contract["orchestration"]
    assert tracking["console"] == f"https://{HOSTS['mlflow']}"
    assert orchestration["console"] == f"https://{HOSTS['airflow-api-server']}"
    assert "example.org" not in repr([tracking["uri"], tracking["environment"]])
    assert "example.org" not in repr([orchestration["uri"], orchestration["probes"]])


def test_the_consoles_know_their_public_hosts(by_ingress: Recording) -> None:
    settings = revealed(dict(by_ingress.one("ConfigMap airflow").inputs))["data"]
    assert settings["AIRFLOW__API__BASE_URL"] == f"https://{HOSTS['airflow-api-server']}"
    assert ".svc:" in settings["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"]
    found = pods(by_ingress)
    (server,) = containers(found["airflow-api-server"])
    assert server["command"][-1] == "--proxy-headers"
    (mlflow,) = containers(found["mlflow"])
    told = {each["name"]: each["value"] for each in mlflow["env"]}
    assert HOSTS["mlflow"] in told["MLFLOW_SERVER_ALLOWED_HOSTS"].split(",")
    origins = told["MLFLOW_SERVER_CORS_ALLOWED_ORIGINS"].split(",")
    assert f"https://{HOSTS['mlflow']}" in origins
    assert "*" not in origins


def test_the_consoles_of_a_private_platform_work_at_any_port_of_a_machine(
    graph_of: GraphOf,
) -> None:
    graph = graph_of(platforms.ROOT / "examples/minimal.yaml", "kubernetes")
    settings = revealed(dict(graph.one("ConfigMap airflow").inputs))["data"]
    orchestration = plain(graph.outputs["contract"])["orchestration"]
    assert settings["AIRFLOW__API__BASE_URL"] == "/"
    assert settings["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == (
        f"{orchestration['uri']}/execution/"
    )
    assert orchestration["console"] == orchestration["uri"]
    (mlflow,) = containers(pods(graph)["mlflow"])
    told = {each["name"]: each["value"] for each in mlflow["env"]}
    assert set(LOOPBACK_HOSTS) < set(told["MLFLOW_SERVER_ALLOWED_HOSTS"].split(","))


def test_variables_of_exposure_are_reserved(by_ingress: Recording) -> None:
    for pod in pods(by_ingress).values():
        for container in containers(pod):
            assert {each["name"] for each in container["env"]} <= RESERVED


def test_a_private_platform_exposes_nothing_even_with_exposure(
    graph_of: GraphOf,
) -> None:
    graph = graph_of(platforms.ROOT / "examples/minimal.yaml", "kubernetes")
    assert SETTINGS["kubernetes"]["exposure"]
    assert [*graph.kind("Ingress"), *graph.kind("HTTPRoute")] == []
    assert "ingress-nginx" not in repr(list(graph))
    assert {each.inputs["spec"]["type"] for each in graph.kind("Service")} == {"ClusterIP"}
