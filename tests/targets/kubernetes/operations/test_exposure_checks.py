"""The checks of a cluster that is to expose a public platform."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pilothouse.plan import Plan
from pilothouse.targets.interface import Check
from pilothouse.targets.kubernetes.clients.cluster import Cluster
from pilothouse.targets.kubernetes.naming import namespace_of
from pilothouse.targets.kubernetes.objects import resource_kinds
from pilothouse.targets.kubernetes.operations import exposure_checks, permissions
from tests.targets.kubernetes.fake_api import FakeApi, listed, named
from tests.targets.kubernetes.stack import PUBLIC, SMALLEST, planned

HOST = "mlflow.churn.example.org"
CLASSES = "/apis/networking.k8s.io/v1/ingressclasses"
INGRESSES = "/apis/networking.k8s.io/v1/ingresses"
GATEWAY = "/apis/gateway.networking.k8s.io/v1/namespaces/gateways/gateways/main"
ROUTES = "/apis/gateway.networking.k8s.io/v1/httproutes"
CONTROLLER = {"namespace": "ingress-nginx"}
BY_INGRESS = {
    "ingress": {"className": "nginx", "tlsSecret": "consoles"},
    "controller": CONTROLLER,
}
BY_GATEWAY = {
    "gateway": {"name": "main", "namespace": "gateways", "sectionName": "https"},
    "controller": CONTROLLER,
}


@pytest.fixture
def api(api: FakeApi) -> FakeApi:
    """The API of a cluster with an ingress controller."""
    api.documents |= {CLASSES: listed(named("nginx", spec={})), INGRESSES: listed()}
    return api


def exposed(folder: Path, exposure: dict[str, Any], example: Path = PUBLIC) -> Plan:
    return planned(folder, example, exposure=exposure)


def checks(plan: Plan) -> list[Check]:
    return [check() for _, check in exposure_checks.exposure_checks(plan, Cluster(plan.settings))]


def ingress(namespace: str, host: str) -> dict[str, Any]:
    metadata = {"name": "theirs", "namespace": namespace}
    return {"metadata": metadata, "spec": {"rules": [{"host": host}]}}


def gateway(**listener: Any) -> dict[str, Any]:
    everywhere = {"namespaces": {"from": "All"}}
    https = {"name": "https", "protocol": "HTTPS", "allowedRoutes": everywhere, **listener}
    return named("main", spec={"listeners": [https]})


def test_an_existing_class_and_free_hosts_pass(api: FakeApi, tmp_path: Path) -> None:
    api.documents[INGRESSES] = listed(ingress("elsewhere", "other.example.org"))
    assert [check.ok for check in checks(exposed(tmp_path, BY_INGRESS))] == [True, True]


def test_a_missing_class_fails_with_the_existing_ones(api: FakeApi, tmp_path: Path) -> None:
    api.documents[CLASSES] = listed(named("traefik", spec={}))
    found, _ = checks(exposed(tmp_path, BY_INGRESS))
    assert not found.ok
    assert found.detail == "nginx; there are: traefik"
    assert "`ingress.className`" in found.remedy


def test_a_host_of_another_ingress_fails_and_the_stacks_own_passes(
    api: FakeApi, tmp_path: Path
) -> None:
    plan = exposed(tmp_path, BY_INGRESS)
    api.documents[INGRESSES] = listed(ingress("elsewhere", HOST))
    _, found = checks(plan)
    assert not found.ok
    assert found.detail == f"taken: {HOST} by elsewhere/theirs"
    api.documents[INGRESSES] = listed(ingress(namespace_of(plan), HOST))
    assert checks(plan)[1].ok


def test_a_listener_that_terminates_tls_and_takes_routes_passes(
    api: FakeApi, tmp_path: Path
) -> None:
    api.documents |= {GATEWAY: gateway(), ROUTES: listed()}
    assert [check.ok for check in checks(exposed(tmp_path, BY_GATEWAY))] == [True, True]


@pytest.mark.parametrize(
    ("listener", "words"),
    [
        ({"name": "web"}, "no listener https; there are: web"),
        ({"protocol": "HTTP"}, "listener https does not terminate TLS (HTTP)"),
        ({"protocol": "TLS", "tls": {"mode": "Passthrough"}}, "does not terminate TLS (TLS)"),
        ({"allowedRoutes": {}}, "takes routes of its own namespace only"),
    ],
)
def test_an_unsuitable_listener_fails(
    api: FakeApi, tmp_path: Path, listener: dict[str, Any], words: str
) -> None:
    api.documents |= {GATEWAY: gateway(**listener), ROUTES: listed()}
    found, _ = checks(exposed(tmp_path, BY_GATEWAY))
    assert not found.ok
    assert words in found.detail


def test_a_missing_gateway_fails(api: FakeApi, tmp_path: Path) -> None:
    found, hosts = checks(exposed(tmp_path, BY_GATEWAY))
    assert not found.ok
    assert found.detail == "gateways/main: no such Gateway, or no Gateway API, in this cluster"
    assert hosts.ok


def test_a_host_of_another_route_fails(api: FakeApi, tmp_path: Path) -> None:
    theirs = {"metadata": {"name": "r", "namespace": "theirs"}, "spec": {"hostnames": [HOST]}}
    api.documents |= {GATEWAY: gateway(), ROUTES: listed(theirs)}
    _, found = checks(exposed(tmp_path, BY_GATEWAY))
    assert found.detail == f"taken: {HOST} by theirs/r"


def test_a_private_platform_has_no_checks_of_exposure(api: FakeApi, tmp_path: Path) -> None:
    plan = exposed(tmp_path, BY_INGRESS, SMALLEST)
    assert checks(plan) == []
    assert not {"Ingress", "HTTPRoute"} & {kind.name for kind in resource_kinds.created_kinds(plan)}


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        (BY_INGRESS, ("networking.k8s.io", "ingresses")),
        (BY_GATEWAY, ("gateway.networking.k8s.io", "httproutes")),
    ],
)
def test_exposure_requires_permissions(tmp_path: Path, how: Any, kind: tuple[str, str]) -> None:
    asked = {
        (each.group, each.resource)
        for each in permissions.required_permissions(exposed(tmp_path, how))
    }
    assert kind in asked
