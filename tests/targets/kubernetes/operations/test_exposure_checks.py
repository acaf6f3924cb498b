"""Whether a cluster can serve a public platform, by an API that answers what a cluster would."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pilothouse.contract import Check
from pilothouse.plan import Plan
from pilothouse.program.load import plan_of_engine
from pilothouse.targets.kubernetes.clients.cluster import Cluster
from pilothouse.targets.kubernetes.naming import namespace_of
from pilothouse.targets.kubernetes.objects import resource_kinds
from pilothouse.targets.kubernetes.operations import exposure_checks, permissions
from tests.targets.kubernetes.fake_api import FakeApi, listed, named, served
from tests.targets.suite.platforms import EXAMPLES, TODAY, project_of

PUBLIC = next(example for example in EXAMPLES if example.stem == "full")
SMALLEST = next(example for example in EXAMPLES if example.stem == "minimal")
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
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeApi]:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    fake = FakeApi({CLASSES: listed(named("nginx", spec={})), INGRESSES: listed()})
    with served(fake, tmp_path / "kubeconfig"):
        yield fake


def planned(folder: Path, exposure: dict[str, Any], example: Path = PUBLIC) -> Plan:
    project = project_of(example, folder / "project")
    settings = {"exposure": exposure}
    return plan_of_engine(project, "pilot", target="kubernetes", settings=settings, today=TODAY)


def looked_at(plan: Plan) -> list[Check]:
    looks = exposure_checks.exposure_checks(plan, Cluster(plan.settings))
    return [look() for _, look in looks]


def ingress(namespace: str, host: str) -> dict[str, Any]:
    metadata = {"name": "theirs", "namespace": namespace}
    return {"metadata": metadata, "spec": {"rules": [{"host": host}]}}


def gateway(**listener: Any) -> dict[str, Any]:
    everywhere = {"namespaces": {"from": "All"}}
    https = {"name": "https", "protocol": "HTTPS", "allowedRoutes": everywhere, **listener}
    return named("main", spec={"listeners": [https]})


def test_a_class_that_is_there_and_hosts_that_are_free_will_do(
    api: FakeApi, tmp_path: Path
) -> None:
    api.documents[INGRESSES] = listed(ingress("elsewhere", "other.example.org"))
    assert [each.ok for each in looked_at(planned(tmp_path, BY_INGRESS))] == [True, True]


def test_a_class_that_is_not_there_is_refused_with_those_that_are(
    api: FakeApi, tmp_path: Path
) -> None:
    api.documents[CLASSES] = listed(named("traefik", spec={}))
    found, _ = looked_at(planned(tmp_path, BY_INGRESS))
    assert not found.ok
    assert found.detail == "nginx; there are: traefik"
    assert "`ingress.className`" in found.remedy


def test_a_host_that_another_ingress_claims_is_refused_and_our_own_is_not(
    api: FakeApi, tmp_path: Path
) -> None:
    plan = planned(tmp_path, BY_INGRESS)
    api.documents[INGRESSES] = listed(ingress("elsewhere", HOST))
    _, found = looked_at(plan)
    assert not found.ok
    assert found.detail == f"taken: {HOST} by elsewhere/theirs"
    api.documents[INGRESSES] = listed(ingress(namespace_of(plan), HOST))
    assert looked_at(plan)[1].ok


def test_a_listener_that_ends_tls_and_takes_our_routes_will_do(
    api: FakeApi, tmp_path: Path
) -> None:
    api.documents |= {GATEWAY: gateway(), ROUTES: listed()}
    assert [each.ok for each in looked_at(planned(tmp_path, BY_GATEWAY))] == [True, True]


@pytest.mark.parametrize(
    ("listener", "words"),
    [
        ({"name": "web"}, "no listener https; there are: web"),
        ({"protocol": "HTTP"}, "listener https does not terminate TLS (HTTP)"),
        ({"protocol": "TLS", "tls": {"mode": "Passthrough"}}, "does not terminate TLS (TLS)"),
        ({"allowedRoutes": {}}, "takes routes of its own namespace only"),
    ],
)
def test_a_listener_that_will_not_do_is_refused(
    api: FakeApi, tmp_path: Path, listener: dict[str, Any], words: str
) -> None:
    api.documents |= {GATEWAY: gateway(**listener), ROUTES: listed()}
    found, _ = looked_at(planned(tmp_path, BY_GATEWAY))
    assert not found.ok
    assert words in found.detail


def test_a_cluster_without_the_gateway_is_refused(api: FakeApi, tmp_path: Path) -> None:
    found, hosts = looked_at(planned(tmp_path, BY_GATEWAY))
    assert not found.ok
    assert found.detail == "gateways/main: no such Gateway, or no Gateway API, in this cluster"
    assert hosts.ok


def test_a_host_that_another_route_claims_is_refused(api: FakeApi, tmp_path: Path) -> None:
    theirs = {"metadata": {"name": "r", "namespace": "theirs"}, "spec": {"hostnames": [HOST]}}
    api.documents |= {GATEWAY: gateway(), ROUTES: listed(theirs)}
    _, found = looked_at(planned(tmp_path, BY_GATEWAY))
    assert found.detail == f"taken: {HOST} by theirs/r"


def test_a_private_platform_asks_for_nothing_of_it(api: FakeApi, tmp_path: Path) -> None:
    plan = planned(tmp_path, BY_INGRESS, SMALLEST)
    assert looked_at(plan) == []
    assert not {"Ingress", "HTTPRoute"} & {kind.name for kind in resource_kinds.created_kinds(plan)}


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        (BY_INGRESS, ("networking.k8s.io", "ingresses")),
        (BY_GATEWAY, ("gateway.networking.k8s.io", "httproutes")),
    ],
)
def test_rights_to_serve_are_needed(tmp_path: Path, how: Any, kind: tuple[str, str]) -> None:
    asked = {
        (each.group, each.resource)
        for each in permissions.required_permissions(planned(tmp_path, how))
    }
    assert kind in asked
