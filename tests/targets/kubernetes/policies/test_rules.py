"""The thirty checks of a default stack: over every stack, and each sees its violations."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.targets.kubernetes.policies.planting import GONE, Fault
from tests.targets.kubernetes.policies.security import ELSEWHERE, RULES, title
from tests.targets.kubernetes.policies.stacks import Given, every_stack, smallest, stack_of
from tests.targets.suite import platforms

POD = "spec template spec"
MAIN = f"{POD} containers 0"
CONTEXT = f"{MAIN} securityContext"
TASK = "ConfigMap airflow-files task.yaml"
WORKLOAD = "ConfigMap airflow-files workload.yaml"
MLFLOW = "Deployment mlflow"
CRON = "CronJob airflow-db-clean"
NAMESPACE = "churn-kubernetes-platform-9f2781"
CRON_POD = "spec jobTemplate spec template spec"


def cluster_wide() -> dict[str, Any]:
    labels = smallest().objects[0]["metadata"]["labels"]
    namespace = smallest().objects[0]["metadata"].get("namespace", "")
    metadata = {"name": "all", "namespace": namespace, "labels": labels}
    return {"kind": "ClusterRole", "metadata": metadata, "rules": []}


def plain_ingress() -> dict[str, Any]:
    return {**cluster_wide(), "kind": "Ingress", "spec": {"rules": [{"host": "mlflow.example"}]}}


def variable(name: str, value: str) -> dict[str, str]:
    return {"name": name, "value": value}


def index(label: str, name: str) -> int:
    """Where an environment variable stands in the only container of an object's pod."""
    (pod,) = (pod for pod in smallest().pods if pod.source == label)
    return [each["name"] for each in pod.containers[0]["env"]].index(name)


def mlflow(name: str) -> str:
    return f"{MAIN} env {index(MLFLOW, name)} value"


def mlflow_hosts() -> str:
    """The hosts that MLflow allows in the smallest stack."""
    (pod,) = (pod for pod in smallest().pods if pod.source == MLFLOW)
    hosts = pod.containers[0]["env"][index(MLFLOW, "MLFLOW_SERVER_ALLOWED_HOSTS")]
    return str(hosts["value"])


VIOLATIONS: Mapping[int, Sequence[Fault]] = {
    1: [
        Fault(f"Namespace {NAMESPACE}", f"metadata labels {key}", value)
        for key, value in [
            ("pod-security.kubernetes.io/enforce", "baseline"),
            ("pod-security.kubernetes.io/warn", GONE),
        ]
    ],
    2: [
        Fault(MLFLOW, f"{POD} securityContext runAsNonRoot", GONE),
        Fault(MLFLOW, f"{POD} securityContext runAsUser", 1000),
        Fault(MLFLOW, f"{POD} securityContext runAsGroup", 0),
        Fault(MLFLOW, f"{CONTEXT} runAsUser", 0),
        Fault(TASK, "spec securityContext", GONE),
    ],
    3: [
        Fault(MLFLOW, f"{CONTEXT} allowPrivilegeEscalation", GONE),
        Fault(MLFLOW, f"{CONTEXT} privileged", True),
        Fault(WORKLOAD, "spec containers 0 securityContext", GONE),
    ],
    4: [
        Fault(MLFLOW, f"{CONTEXT} capabilities drop", []),
        Fault(MLFLOW, f"{CONTEXT} capabilities add", ["NET_ADMIN"]),
    ],
    5: [
        Fault(MLFLOW, f"{POD} securityContext seccompProfile", GONE),
        Fault(CRON, f"{CRON_POD} securityContext seccompProfile type", "Unconfined"),
    ],
    6: [Fault(MLFLOW, f"{CONTEXT} readOnlyRootFilesystem", False)],
    7: [
        Fault(MLFLOW, f"{POD} hostNetwork", True),
        Fault(MLFLOW, f"{POD} volumes 0 hostPath", {"path": "/"}),
        Fault(MLFLOW, f"{MAIN} ports 0 hostPort", 5000),
    ],
    8: [
        Fault("ServiceAccount mlflow", "automountServiceAccountToken", GONE),
        Fault(MLFLOW, f"{POD} automountServiceAccountToken", True),
        Fault(MLFLOW, f"{POD} automountServiceAccountToken", GONE),
        Fault("RoleBinding airflow-task", "", GONE),
        Fault(MLFLOW, f"{POD} serviceAccountName", "workload"),
    ],
    9: [
        Fault("Role airflow-task", "rules 0 verbs 0", "*"),
        Fault("Role airflow-task", "rules 0 resources 0", "secrets"),
        Fault("Role airflow-task", "", cluster_wide()),
    ],
    10: [
        Fault("NetworkPolicy default-deny", "", GONE),
        Fault("NetworkPolicy default-deny", "spec policyTypes", ["Ingress"]),
        Fault("NetworkPolicy mlflow", "spec ingress 0 from", GONE),
        Fault("NetworkPolicy mlflow", "spec egress 1 ports", GONE),
    ],
    11: [
        Fault(MLFLOW, f"{MAIN} resources limits memory", GONE),
        Fault(TASK, "spec containers 0 resources requests", GONE),
        Fault("ResourceQuota platform", "", GONE),
        Fault("LimitRange containers", "", GONE),
    ],
    12: [
        Fault(MLFLOW, f"{MAIN} livenessProbe", GONE),
        Fault(MLFLOW, f"{MAIN} readinessProbe", GONE),
        Fault("Deployment airflow-triggerer", f"{MAIN} startupProbe", GONE),
        Fault("PodDisruptionBudget mlflow", "", GONE),
    ],
    13: [
        Fault(MLFLOW, f"{MAIN} image", "ghcr.io/mlflow/mlflow:v3.17.2-full"),
        Fault(WORKLOAD, "spec containers 0 image", "pilothouse-workload:0.1.0"),
    ],
    15: [
        Fault("Service mlflow", "metadata namespace", "default"),
        Fault("Service mlflow", "metadata namespace", GONE),
        Fault("ConfigMap airflow", "data AIRFLOW__KUBERNETES_EXECUTOR__NAMESPACE", "default"),
    ],
    16: [
        Fault("Service mlflow", "spec type", "LoadBalancer"),
        Fault("Service mlflow", "spec ports 0 nodePort", 30000),
        Fault("Service mlflow", "", plain_ingress()),
        Fault("ResourceQuota platform", "spec hard services.nodeports", GONE),
    ],
    17: [
        Fault(MLFLOW, f"{MAIN} command", ["mlflow", "server"]),
        Fault(MLFLOW, mlflow("MLFLOW_AUTH_CONFIG_PATH"), "/etc/basic_auth.ini"),
        Fault("Secret mlflow-files", "stringData basic_auth.ini", "default_permission = READ\n"),
    ],
    18: [
        Fault(MLFLOW, f"{MAIN} image", "ghcr.io/mlflow/mlflow:v3.9.0"),
        Fault(MLFLOW, mlflow("MLFLOW_SERVER_ALLOWED_HOSTS"), "*"),
        Fault(MLFLOW, mlflow("MLFLOW_SERVER_ALLOWED_HOSTS"), "localhost:*"),
        Fault(MLFLOW, mlflow("MLFLOW_SERVER_ALLOWED_HOSTS"), f"{mlflow_hosts()},127.0.0.1*"),
        Fault(MLFLOW, mlflow("MLFLOW_SERVER_CORS_ALLOWED_ORIGINS"), "*"),
        Fault(MLFLOW, mlflow("MLFLOW_SERVER_ENABLE_JOB_EXECUTION"), "true"),
    ],
    19: [
        Fault("Deployment airflow-api-server", f"{MAIN} image", "apache/airflow:3.1.8"),
        Fault("ConfigMap airflow", "data AIRFLOW__API__BASE_URL", f"http://mlflow.{NAMESPACE}.svc:8080"),
        Fault("ConfigMap airflow", "data AIRFLOW__API__BASE_URL", GONE),
        Fault("Service mlflow", "", plain_ingress()),
        Fault("ConfigMap airflow", "data AIRFLOW__CORE__LOAD_EXAMPLES", GONE),
        Fault("ConfigMap airflow", "data AIRFLOW__CORE__AUTH_MANAGER", "SimpleAuthManager"),
        Fault(
            "Secret airflow-setup", "stringData users.json", '{"users": [{"password": "admin"}]}'
        ),
        Fault(
            "Secret airflow-setup", "stringData users.json", '{"people": [{"password": "pw"}]}'
        ),
    ],
    20: [
        Fault(MLFLOW, f"{MAIN} env 0", variable("A", "a-recognisable-secret-tracking-kek")),
        Fault(MLFLOW, f"{MAIN} env 0", variable("ADMIN_PASSWORD", "admin")),
        Fault("ConfigMap airflow", "data AIRFLOW__CORE__FERNET_KEY", "0"),
        Fault(MLFLOW, f"{MAIN} envFrom", [{"secretRef": {"name": "mlflow"}}]),
        Fault("Secret mlflow", "data", {"a": "YQ=="}),
    ],
    21: [Fault(MLFLOW, "spec template metadata annotations", {})],
    30: [
        Fault("Service mlflow", "metadata labels pilothouse-expires", GONE),
        Fault(TASK, "metadata labels pilothouse-owner", GONE),
        Fault(CRON, f"{CRON_POD} containers 0 command", ["airflow", "db", "clean"]),
        Fault("Job buckets", f"{MAIN} env {index('Job buckets', 'BUCKETS')} value", "[]"),
    ],
}  # fmt: skip


def test_each_of_the_thirty_is_a_rule_or_has_a_reason() -> None:
    assert sorted([*RULES, *ELSEWHERE]) == list(range(1, 31))
    assert all(title(rule) for rule in RULES.values())
    assert RULES.keys() == VIOLATIONS.keys()


@every_stack
@pytest.mark.parametrize("number", RULES, ids=lambda n: f"{n}-{title(RULES[n])}".replace(" ", "-"))
def test_a_rule_is_kept(number: int, given: Given) -> None:
    assert list(RULES[number](stack_of(given))) == []


PLANTED = [(number, fault) for number, faults in VIOLATIONS.items() for fault in faults]


@pytest.mark.parametrize(
    ("number", "fault"),
    PLANTED,
    ids=[f"{n}-{f.where}-{f.path or 'object'}".replace(" ", "-") for n, f in PLANTED],
)
def test_a_violation_is_seen(number: int, fault: Fault) -> None:
    assert list(RULES[number](fault.planted(smallest()))) != []


def test_the_documented_table_is_this_one() -> None:
    text = (platforms.ROOT / "docs/kubernetes-checks.md").read_text(encoding="utf-8")
    for number, rule in RULES.items():
        assert f"| {number} | {title(rule)} | `{rule.__name__}`" in text
    for number, reason in ELSEWHERE.items():
        assert any(
            line.startswith(f"| {number} |") and line.endswith(f"| {reason} |")
            for line in text.splitlines()
        )
