"""The stacks that the policies are held against: every example, and stacks with every option."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest

from pilothouse.plan import Plan
from pilothouse.targets.kubernetes.settings import images
from tests.targets.kubernetes.graph.pods import EVERYWHERE
from tests.targets.kubernetes.policies.manifests import Manifests, manifests_of
from tests.targets.suite import mocked_types, platforms
from tests.targets.suite.recorder import Recording

Made = TypeVar("Made")

DIGEST = f"@sha256:{'0123456789abcdef' * 4}"
SETTINGS: dict[str, Any] = {
    **mocked_types.SETTINGS["kubernetes"],
    "images": {role: f"{reference}{DIGEST}" for role, reference in images.default_images().items()},
}
"""A user who has resolved every tag."""


@dataclass(frozen=True)
class Given:
    """A platform file and what the stack file says besides, by a name of its own."""

    name: str
    example: Path
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False, compare=False)


def _example(stem: str) -> Path:
    return platforms.ROOT / f"examples/{stem}.yaml"


STATSD = {"scraper": {"namespace": "monitoring"}}
DATABASE = {"host": "db.example.org", "cidr": "10.1.2.0/24", "secret": "team-db"}
VERIFIED = {
    **DATABASE,
    "sslMode": "verify-full",
    "certificateAuthority": {"configMap": "database-ca", "key": "bundle.pem"},
    "users": {"airflow": "svc_airflow", "mlflow": "svc_mlflow"},
    "databases": {"airflow": "ml_airflow", "mlflow": "ml_mlflow", "mlflowAuth": "ml_auth"},
}
BUCKETS = {role: f"team-{role}" for role in ("data", "artifacts", "logs", "backups")}
STORE = {
    "endpoint": "https://s3.example.org:9000",
    "cidr": "10.1.3.0/24",
    "secret": "team-s3",
    "buckets": BUCKETS,
}
ROLE = "arn:aws:iam::123456789012:role/team-{}"
BY_ROLE = {
    "region": "eu-west-1",
    "roleArns": {role: ROLE.format(role) for role in BUCKETS},
    "buckets": BUCKETS,
}
BY_POD_IDENTITY = {"region": "eu-west-1", "podIdentity": True, "buckets": BUCKETS}
GIT = {
    "repository": "https://git.example.org/team/dags.git",
    "secret": "git-login",
    "egress": {"cidr": "192.0.2.0/24"},
}
MOUNTED = {
    "env": {"LOG_LEVEL": "debug"},
    "envFrom": [{"configMapRef": {"name": "more"}}],
    "volumes": [
        {"path": "/certificates", "secret": "authority"},
        {"path": "/etc/ours.conf", "configMap": "ours", "key": "ours.conf"},
    ],
    "podAnnotations": {"example.org/team": "churn"},
    "resources": {"requests": {"cpu": "500m", "memory": "3Gi"}},
    "serviceAccountAnnotations": {"example.org/role": "pilot"},
    "egress": [{"cidr": "203.0.113.0/24", "port": 5432}],
}
PLACED = {
    **EVERYWHERE,
    "imagePullSecrets": ["pull"],
    "apiServer": {"cidr": "10.0.0.1/32"},
}
MODELS = {
    **MOUNTED,
    "sharedMemory": "2Gi",
    "resources": {"requests": {"memory": "3Gi"}, "limits": {"memory": "6Gi"}},
    "volumes": [*MOUNTED["volumes"], {"path": "/models", "claim": "models"}],
}
BY_ROUTE = {
    "gateway": {"name": "main", "namespace": "gateways", "sectionName": "https"},
    "controller": {"cidr": "192.0.2.0/24"},
}
USERS = {"namespaceExists": True}
NETWORK: dict[str, Any] = {
    "proxy": {
        "http": "http://proxy.example.org:3128",
        "https": "http://proxy.example.org:3129",
        "cidr": "192.0.2.20/32",
        "noProxy": [".corp.example.org", "10.1.0.0/16"],
    },
    "certificateAuthority": {"configMap": "corp-ca", "key": "bundle.pem"},
    "packageIndex": {"url": "https://pypi.example.org/simple", "cidr": "192.0.2.30/32"},
}
WITH_LOGIN = {"proxy": {**NETWORK["proxy"], "secret": "proxy-login"}}
OUTSIDE = {**USERS, "objectStore": STORE}

WITH_OPTIONS = [
    Given(
        "every-option",
        _example("minimal"),
        {
            **USERS,
            **PLACED,
            "pgBouncer": {"poolSize": 7},
            "statsd": STATSD,
            "apiServerAutoscaling": {"minReplicas": 2, "maxReplicas": 9},
            "dags": {"gitSync": GIT, "imageFolder": "/opt/airflow/dags"},
            "components": {
                "mlflow": MOUNTED,
                "airflow-task": MOUNTED,
                "workload": MODELS,
                "pgbouncer": {"resources": {"limits": {"memory": "256Mi"}}},
            },
        },
    ),
    Given(
        "by-route-and-ssh",
        _example("full"),
        {
            **USERS,
            "exposure": BY_ROUTE,
            "statsd": STATSD,
            "dags": {"gitSync": {**GIT, "repository": "git@git.example.org:team/dags"}},
            "backups": {"enabled": False},
        },
    ),
    Given("store-by-role", _example("minimal"), {"objectStore": BY_ROLE}),
    Given("store-by-pod-identity", _example("full"), {"objectStore": BY_POD_IDENTITY}),
    Given(
        "behind-a-proxy",
        _example("full"),
        {
            **USERS,
            "network": NETWORK,
            "pgBouncer": {},
            "statsd": STATSD,
            "dags": {"gitSync": {key: GIT[key] for key in ("repository", "secret")}},
            "components": {"mlflow": MOUNTED},
        },
    ),
    Given(
        "behind-a-proxy-with-a-login",
        _example("minimal"),
        {**OUTSIDE, "network": WITH_LOGIN, "dags": {"gitSync": GIT}},
    ),
    Given("nothing-of-its-own", _example("large"), {**OUTSIDE, "database": DATABASE}),
    Given(
        "store-outside",
        _example("minimal"),
        {**OUTSIDE, "pgBouncer": {}, "apiServerAutoscaling": {"maxReplicas": 3}},
    ),
    Given(
        "database-outside",
        _example("full"),
        {**USERS, "database": VERIFIED, "dags": {"gitSync": GIT}, "statsd": STATSD},
    ),
]
"""Between them every option of the target, on the smallest, a public and the largest platform."""

EXAMPLES = [
    Given(example.stem, example) for example, target in platforms.CARRIED if target == "kubernetes"
]
STACKS = [*EXAMPLES, *WITH_OPTIONS]
SMALLEST = next(given for given in EXAMPLES if given.name == "minimal")

every_stack = pytest.mark.parametrize("given", STACKS, ids=[given.name for given in STACKS])


@cache
def plan_of(given: Given) -> Plan:
    """Its plan."""
    return _of(given, platforms.plan_of)


@cache
def graph_of(given: Given) -> Recording:
    """What the program asks for."""
    return _of(given, platforms.recorded)


def _of(given: Given, made: Callable[..., Made]) -> Made:
    with tempfile.TemporaryDirectory() as folder:
        project = platforms.project_of(given.example, Path(folder))
        settings = {**SETTINGS, **given.settings}
        return made(project, "kubernetes", stack="kubernetes", settings=settings)


@cache
def stack_of(given: Given) -> Manifests:
    """The objects of a stack, and those of the user's that it names."""
    return manifests_of(graph_of(given), plan_of(given).settings)


def smallest() -> Manifests:
    """The stack in which faults are planted."""
    return stack_of(SMALLEST)


def with_every_option() -> Manifests:
    """The stack in which faults of options are planted."""
    return stack_of(WITH_OPTIONS[0])
