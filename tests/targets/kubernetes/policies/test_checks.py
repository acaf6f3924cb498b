"""Checks across objects, which no schema has: over every stack, and each sees its faults."""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest

from tests.targets.kubernetes.policies import network, shape, wiring
from tests.targets.kubernetes.policies.manifests import Manifest, Manifests, checks_of
from tests.targets.kubernetes.policies.planting import GONE, Fault
from tests.targets.kubernetes.policies.stacks import (
    Given,
    every_stack,
    smallest,
    stack_of,
    with_every_option,
)

Check = Callable[[Manifests], Iterator[str]]

NAME = "app.kubernetes.io/name"
MAIN = "spec template spec containers 0"
TASK = "ConfigMap airflow-files task.yaml"
URI = "stringData MLFLOW_BACKEND_STORE_URI"


def scaler(name: str) -> Manifest:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "mlflow", "namespace": "a"},
        "spec": {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 2},
    }


def ingress(service: str, port: Mapping[str, Any]) -> Manifest:
    backend = {"service": {"name": service, "port": port}}
    paths = [{"path": "/", "pathType": "Prefix", "backend": backend}]
    spec = {"rules": [{"host": "mlflow.example", "http": {"paths": paths}}]}
    return {"kind": "Ingress", "metadata": {"name": "mlflow"}, "spec": spec}


def route(service: str, port: int) -> Manifest:
    spec = {"rules": [{"backendRefs": [{"name": service, "port": port}]}]}
    return {"kind": "HTTPRoute", "metadata": {"name": "mlflow"}, "spec": spec}


def twin() -> Manifest:
    return copy.deepcopy(smallest().named("Service", "mlflow") or {})


FAULTS: Mapping[Check, Sequence[Fault]] = {
    wiring.selectors_match_templates: [
        Fault("Deployment mlflow", f"spec selector matchLabels {NAME}", "mlfow"),
        Fault("Deployment mlflow", "spec selector matchLabels", {}),
        Fault("StatefulSet postgres", f"spec template metadata labels {NAME}", "seaweedfs"),
    ],
    wiring.mounts_have_volumes: [
        Fault("Deployment mlflow", f"{MAIN} volumeMounts 0 name", "files"),
        Fault("Deployment mlflow", "spec template spec volumes 0", GONE),
        Fault(TASK, "spec volumes 0", GONE),
        Fault("StatefulSet postgres", f"{MAIN} volumeMounts 0 mountPath", "/scripts"),
    ],
    wiring.references_exist: [
        Fault("Secret mlflow-files", "", GONE),
        Fault("ConfigMap airflow", "", GONE),
        Fault("PersistentVolumeClaim postgres", "", GONE),
        Fault("ServiceAccount workload", "", GONE),
        Fault("Secret airflow-task", "metadata name", "airflow-tasks"),
        Fault("Deployment mlflow", "spec template spec serviceAccountName", "mlfow"),
    ],
    wiring.keys_exist: [
        Fault("ConfigMap postgres", "data passwd", GONE),
        Fault(TASK, "spec containers 0 volumeMounts 0 subPath", "dag.py"),
        Fault(TASK, "spec containers 0 volumeMounts 0 subPath", "/dags/dag.py"),
        Fault(
            "Deployment mlflow",
            f"{MAIN} env 0",
            {"name": "A", "valueFrom": {"secretKeyRef": {"name": "mlflow", "key": "A"}}},
        ),
    ],
    wiring.files_exist: [
        Fault("ConfigMap buckets", "data buckets.py", GONE),
        Fault("Job airflow-setup", "spec template spec volumes 0 configMap name", "airflow-files"),
        Fault("Secret mlflow-files", "stringData basic_auth.ini", GONE),
    ],
    wiring.claims_are_of_one: [
        Fault(
            "StatefulSet seaweedfs",
            "spec template spec volumes 0 persistentVolumeClaim claimName",
            "postgres",
        ),
        Fault("StatefulSet seaweedfs", "spec template spec volumes 0", {"name": "data-seaweedfs"}),
    ],
    wiring.routes_lead_to_services: [
        Fault("Service mlflow", "", ingress("mlfow", {"number": 5000})),
        Fault("Service mlflow", "", ingress("mlflow", {"number": 5001})),
        Fault("Service mlflow", "", ingress("mlflow", {"name": "http"})),
        Fault("Service mlflow", "", route("mlfow", 5000)),
        Fault("Service mlflow", "", route("mlflow", 5001)),
    ],
    wiring.variables_have_names: [
        Fault("ConfigMap airflow", "data AIRFLOW-HOME", "/tmp"),
        Fault("Secret mlflow", "stringData a.key", "1"),
        Fault("Deployment mlflow", f"{MAIN} env 0 name", "AWS_REGION"),
        Fault("Deployment mlflow", f"{MAIN} env 0 name", "AWS REGION"),
    ],
    wiring.probes_ask_served_ports: [
        Fault("Deployment mlflow", f"{MAIN} livenessProbe httpGet port", 5001),
        Fault("Deployment airflow-scheduler", f"{MAIN} ports", GONE),
    ],
    wiring.services_select_pods: [
        Fault("Service mlflow", f"spec selector {NAME}", "mlfow"),
        Fault("Service mlflow", "spec selector", {}),
        Fault("Service postgres", f"spec selector {NAME}", "mlflow-setup"),
        Fault("Job mlflow-setup", f"spec template metadata labels {NAME}", "mlflow"),
    ],
    wiring.services_lead_to_served_ports: [
        Fault("Service mlflow", "spec ports 0 targetPort", 5001),
        Fault("Service mlflow", "spec ports 0 targetPort", "http"),
        Fault("Deployment mlflow", f"{MAIN} ports 0 containerPort", 8080),
    ],
    wiring.governing_services_exist: [Fault("StatefulSet postgres", "spec serviceName", "db")],
    wiring.bindings_bind: [
        Fault("RoleBinding airflow-task", "roleRef name", "task"),
        Fault("RoleBinding airflow-task", "subjects 0 name", "task"),
        Fault("RoleBinding airflow-task", "subjects 0 namespace", "default"),
    ],
    wiring.scalers_have_targets: [Fault("Deployment mlflow", "", scaler("mlfow"))],
    wiring.budgets_select_pods: [
        Fault("PodDisruptionBudget mlflow", f"spec selector matchLabels {NAME}", "mlfow"),
        Fault("PodDisruptionBudget mlflow", "spec maxUnavailable", 0),
    ],
    shape.names_are_unique: [Fault("Service mlflow", "", twin())],
    shape.names_are_valid: [
        Fault("Service mlflow", "metadata name", "ML_flow"),
        Fault("CronJob airflow-db-clean", "metadata name", "a" * 53),
        Fault("Service mlflow", f"metadata labels {NAME}", "an owner"),
        Fault("Deployment mlflow", f"{MAIN} name", "mlflow.server"),
    ],
    shape.ports_are_in_range: [
        Fault("Service mlflow", "spec ports 0 port", 65536),
        Fault("NetworkPolicy mlflow", "spec ingress 0 ports 0 port", 0),
        Fault("Deployment mlflow", f"{MAIN} ports 1", {"containerPort": 5000}),
    ],
    shape.quantities_are_in_order: [
        Fault("Deployment mlflow", f"{MAIN} resources requests memory", "1 GB"),
        Fault("Deployment mlflow", f"{MAIN} resources requests memory", "64Gi"),
        Fault("Deployment mlflow", f"{MAIN} resources requests cpu", "0"),
        Fault("PersistentVolumeClaim postgres", "spec resources requests storage", "10GiB"),
        Fault("ResourceQuota platform", "spec hard pods", "many"),
        Fault("LimitRange containers", "spec limits 0 default memory", "1Mi"),
    ],
    shape.the_quota_has_room: [
        Fault("ResourceQuota platform", "spec hard requests.memory", "4Gi"),
        Fault("ResourceQuota platform", "spec hard pods", "20"),
        Fault("Deployment mlflow", "spec replicas", 40),
    ],
    shape.schedules_are_valid: [
        Fault("CronJob airflow-db-clean", "spec schedule", schedule)
        for schedule in ("30 3 * *", "60 3 * * 0", "30 3 * * sunday", "*/0 * * * *", "9-1 * * * *")
    ],
    shape.schedules_are_in_utc: [
        Fault("CronJob airflow-db-clean", "spec timeZone", zone)
        for zone in (GONE, "Europe/Berlin")
    ],
    network.policies_select_pods: [
        Fault("NetworkPolicy mlflow", f"spec podSelector matchLabels {NAME}", "mlfow"),
        Fault("NetworkPolicy workload", "", GONE),
        Fault(TASK, f"metadata labels {NAME}", "workload"),
    ],
    network.declared_clients_get_through: [
        Fault("NetworkPolicy mlflow", "spec ingress 0", GONE),
        Fault("NetworkPolicy workload", "spec egress 1", GONE),
        Fault("NetworkPolicy mlflow", "spec policyTypes", ["Egress"]),
        Fault("NetworkPolicy postgres", "spec ingress 0 ports 0 port", 5433),
    ],
    network.nobody_else_gets_through: [
        Fault("NetworkPolicy workload", "spec egress 3", {}),
        Fault("NetworkPolicy postgres", "spec ingress 1", {"ports": [{"port": 5432}]}),
        Fault("NetworkPolicy mlflow", "spec ingress 0 from 0 podSelector", {}),
    ],
    network.names_can_be_asked: [
        Fault("NetworkPolicy workload", "spec egress 0", GONE),
        Fault("NetworkPolicy workload", "spec egress 0 ports 0", GONE),
    ],
    network.the_stack_is_left_for_what_is_declared: [
        Fault("NetworkPolicy airflow-cleanup-pods", "spec egress 0", GONE),
        Fault("NetworkPolicy mlflow", "spec egress 3", {"ports": [{"port": 443}]}),
        Fault("NetworkPolicy mlflow", "spec egress 3", {"to": [{"ipBlock": {"cidr": "::/0"}}]}),
    ],
    network.addresses_exist: [
        Fault("Service seaweedfs", "spec ports 0 port", 8334),
        Fault("ConfigMap airflow", "data A", "http://airflow-api-server.elsewhere.svc:8080/"),
        Fault("Secret workload", "stringData MLFLOW_TRACKING_URI", "http://mlfow.a.svc:5000"),
    ],
    network.databases_exist: [
        Fault("Secret mlflow", URI, "postgresql+psycopg2://mlflow:secret@postgres.a.svc:5432/mlfow"),
        Fault("Secret mlflow", URI, "postgresql+psycopg2://mlflow:secret@postgres.a.svc:5432/airflow"),
        Fault("Secret postgres", "stringData mlflow", GONE),
    ],
}  # fmt: skip

CHECKS = [check for module in (network, shape, wiring) for check in checks_of(module)]


OF_OPTIONS: Mapping[Check, Sequence[Fault]] = {
    network.declared_clients_get_through: [
        Fault("NetworkPolicy pgbouncer", "spec ingress 0", GONE),
        Fault("NetworkPolicy airflow-statsd", "spec ingress 0 ports 0 protocol", "TCP"),
    ],
    network.nobody_else_gets_through: [
        Fault("NetworkPolicy airflow-scheduler", "spec egress 0", {}),
        Fault("NetworkPolicy postgres", "spec ingress 0 from 0 podSelector", {}),
    ],
    network.the_stack_is_left_for_what_is_declared: [
        Fault("NetworkPolicy airflow-task", "spec egress 4", GONE),
        Fault("NetworkPolicy mlflow", "spec egress 3 ports 0 port", 5433),
    ],
    shape.the_quota_has_room: [
        Fault("HorizontalPodAutoscaler airflow-api-server", "spec maxReplicas", 90),
        Fault("ResourceQuota platform", "spec hard limits.cpu", "40"),
    ],
    wiring.keys_exist: [
        Fault(
            TASK, "spec containers 0 volumeMounts 0",
            {"name": "config-ours", "mountPath": "/a", "subPath": "other.conf"},
        ),
    ],
}  # fmt: skip
"""What is seen only where options are chosen."""

OPTIONAL_FAULTS = [(check, fault) for check, faults in OF_OPTIONS.items() for fault in faults]


@pytest.mark.parametrize(
    ("check", "fault"),
    OPTIONAL_FAULTS,
    ids=[f"{c.__name__}-{f.where}-{f.path}".replace(" ", "-") for c, f in OPTIONAL_FAULTS],
)
def test_a_fault_of_an_option_is_seen(check: Check, fault: Fault) -> None:
    assert list(check(fault.planted(with_every_option()))) != []


def test_every_check_has_a_fault_that_it_sees() -> None:
    assert set(CHECKS) == set(FAULTS)
    assert all(FAULTS.values())
    assert len(CHECKS) >= 20


@every_stack
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_nothing_is_amiss(check: Check, given: Given) -> None:
    assert list(check(stack_of(given))) == []


PLANTED = [(check, fault) for check, faults in FAULTS.items() for fault in faults]


@pytest.mark.parametrize(
    ("check", "fault"),
    PLANTED,
    ids=[f"{c.__name__}-{f.where}-{f.path or 'object'}".replace(" ", "-") for c, f in PLANTED],
)
def test_a_fault_is_seen(check: Check, fault: Fault) -> None:
    assert list(check(fault.planted(smallest()))) != []
