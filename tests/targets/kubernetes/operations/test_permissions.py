"""The permissions that a preflight requires: of all that is created, granted, read or deleted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pilothouse.plan import Plan
from pilothouse.program.build import record_graph
from pilothouse.targets.kubernetes.clients.cluster import Cluster
from pilothouse.targets.kubernetes.naming import namespace_of
from pilothouse.targets.kubernetes.objects import resource_kinds
from pilothouse.targets.kubernetes.objects.rbac import RBAC_RULES
from pilothouse.targets.kubernetes.operations import permissions, preflight
from pilothouse.targets.kubernetes.operations.permissions import Permission
from pilothouse.targets.kubernetes.operations.target import KubernetesOperations
from tests.targets.kubernetes.fake_api import FakeApi, listed, named, version
from tests.targets.kubernetes.policies.manifests import objects_in
from tests.targets.kubernetes.policies.stacks import Given, every_stack, graph_of, plan_of
from tests.targets.kubernetes.stack import PUBLIC, planned

METHODS = {"DELETE": "delete", "PATCH": "patch", "POST": "create"}
GATEWAY = {
    "gateway": {"name": "main", "namespace": "gateways", "sectionName": "https"},
    "controller": {"namespace": "gateways"},
}
INGRESS = {
    "ingress": {"className": "nginx", "tlsSecret": "consoles"},
    "controller": {"namespace": "gateways"},
}


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return planned(tmp_path, PUBLIC, exposure=GATEWAY, apiServerAutoscaling={"maxReplicas": 2})


@pytest.fixture
def api(api: FakeApi) -> FakeApi:
    """The API of a cluster that has nothing but its version."""
    api.documents = {"/version/": version("34")}
    return api


def pod(name: str, namespace: str) -> dict[str, Any]:
    status = {"name": "main", "ready": True, "restartCount": 0, "image": "", "imageID": ""}
    running: dict[str, Any] = {"state": {"running": {}}}
    return {
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"containers": [{"name": "main"}]},
        "status": {"containerStatuses": [status | running]},
    }


def deployment(name: str) -> dict[str, Any]:
    template = {"metadata": {}, "spec": {"containers": [{"name": name}]}}
    spec = {"replicas": 1, "selector": {}, "template": template}
    return named(name, spec=spec, status={})


def called(api: FakeApi) -> set[Permission]:
    """What was asked of the API, as the rights that it takes."""
    asked = [*api.deeds, *(f"GET {query}" for query in api.queries)]
    return {_permission(*ask.split(" ")) for ask in asked}


def _permission(method: str, path: str) -> Permission:
    _, root, *rest = path.partition("?")[0].split("/")
    group = "" if root == "api" else rest.pop(0)
    _version, *rest = rest
    wide = rest[0] != "namespaces" or len(rest) < 3
    resource, *one = rest if wide else rest[2:]
    verb = METHODS.get(method) or ("get" if one else "list")
    part = "/".join([resource, *one[1:]])
    return Permission(group=group, resource=part, verb=verb, cluster_wide=wide)


def test_every_call_of_the_operations_is_required(api: FakeApi, plan: Plan) -> None:
    place, ours = f"/api/v1/namespaces/{namespace_of(plan)}", dict(plan.tags)
    apps = f"/apis/apps/v1/namespaces/{namespace_of(plan)}/deployments"
    api.documents |= {
        apps: listed(deployment("mlflow")),
        f"{place}/pods": listed(pod("mlflow-1", namespace_of(plan))),
        place: named(namespace_of(plan), ours),
        f"{place}/configmaps": listed(named("left", ours)),
        f"{place}/configmaps/left": named("left"),
        f"{place}/pods/mlflow-1": named("mlflow-1"),
        f"{apps}/mlflow": named("mlflow"),
    }
    api.logs[f"{place}/pods/mlflow-1/log"] = '{"level": "info"}'
    for path, kind in (("configmaps/left", "configmaps"), ("pods/mlflow-1", "pods")):
        api.gone[f"{place}/{path}"] = (f"{place}/{kind}", listed())
    api.gone[f"{apps}/mlflow"] = (apps, listed())
    assert [each.name for each in KubernetesOperations(plan).services()] == ["mlflow"]
    assert list(KubernetesOperations(plan).logs("mlflow", 5)) == ['{"level": "info"}']
    assert KubernetesOperations(plan).leftovers(keep_data=True)
    KubernetesOperations(plan).clean_up(keep_data=True)
    KubernetesOperations(plan).clean_up(keep_data=False)
    found = called(api)
    assert {"pods/log", "events", "persistentvolumes"} <= {right.resource for right in found}
    assert found <= set(permissions.required_permissions(plan))


def test_everything_that_is_granted_is_required(plan: Plan) -> None:
    granted = {
        Permission(group=group, resource=resource, verb=verb)
        for rules in RBAC_RULES.values()
        for rule in rules
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }
    assert Permission(resource="pods/log", verb="list") in granted
    assert granted <= set(permissions.required_permissions(plan))


def test_what_the_provider_watches_while_it_waits_is_required(tmp_path: Path, plan: Plan) -> None:
    replica_sets = {
        Permission(group="apps", resource="replicasets", verb=verb) for verb in ("list", "watch")
    }
    endpoints = {Permission(resource="endpoints", verb=verb) for verb in ("list", "watch")}
    without_ingress = set(permissions.required_permissions(plan))
    assert replica_sets <= without_ingress
    assert not endpoints & without_ingress
    with_ingress = planned(tmp_path / "ingress", PUBLIC, exposure=INGRESS)
    assert replica_sets | endpoints <= set(permissions.required_permissions(with_ingress))


def test_port_forwarding_is_required(plan: Plan) -> None:
    verbs = {
        each.verb
        for each in permissions.required_permissions(plan)
        if each.resource == "pods/portforward"
    }
    assert verbs == {"get", "create"}


def test_missing_permissions_are_named_with_subresource_and_scope(api: FakeApi, plan: Plan) -> None:
    asked: list[dict[str, Any]] = []

    def allows(ask: dict[str, Any]) -> bool:
        asked.append(ask)
        return ask.get("subresource") != "log" and ask["resource"] != "persistentvolumes"

    api.allows = allows
    found = permissions.check_permissions(plan, Cluster(plan.settings))
    assert not found.ok
    assert "get/list pods/log" in found.detail
    assert "list persistentvolumes of the cluster" in found.detail
    wide = {ask["resource"] for ask in asked if "namespace" not in ask}
    assert wide == {"namespaces", "persistentvolumes"}
    assert {ask["namespace"] for ask in asked if "namespace" in ask} == {namespace_of(plan)}


@every_stack
def test_every_created_kind_is_known(given: Given) -> None:
    made = {each.type.rpartition(":")[2] for each in objects_in(graph_of(given))}
    known = {kind.name for kind in resource_kinds.created_kinds(plan_of(given))}
    assert made <= known
    usual = {kind.name for kind in resource_kinds.COMMON_KINDS}
    assert known - made <= usual & {"Pod", "StatefulSet", "PersistentVolumeClaim", "Ingress"}
    swept = {kind.name for kind in resource_kinds.removable_kinds(plan_of(given))}
    assert made - swept == {"Namespace"}


def test_no_permission_is_required_twice(plan: Plan) -> None:
    needed = permissions.required_permissions(plan)
    assert len(needed) == len(set(needed)) > 100


@pytest.mark.parametrize(
    ("exposure", "names"),
    [
        (GATEWAY, {"storage class", "namespace", "gateway", "hosts", "metrics"}),
        (INGRESS, {"storage class", "namespace", "ingress class", "hosts", "metrics"}),
    ],
)
def test_a_refused_check_fails_with_its_remedy(
    api: FakeApi, tmp_path: Path, exposure: Any, names: set[str]
) -> None:
    plan = planned(tmp_path, PUBLIC, exposure=exposure, apiServerAutoscaling={"maxReplicas": 2})
    api.refuses = lambda path: path != "/version/" and "selfsubject" not in path
    found = KubernetesOperations(plan).preflight(lambda: record_graph(plan))
    failed = {each.name.removesuffix(f" {namespace_of(plan)}") for each in found if not each.ok}
    assert failed == names
    for each in found:
        assert each.ok or "that is forbidden here" in each.detail
        assert each.ok or "ask the cluster's owner for read access" in each.remedy


def test_a_bare_cluster_fails_the_checks_and_breaks_none(api: FakeApi, plan: Plan) -> None:
    failed = [each.name for each in preflight.checks(plan, Cluster(plan.settings)) if not each.ok]
    assert failed == ["storage class", "gateway", "metrics"]
