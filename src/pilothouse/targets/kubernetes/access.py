"""Who may talk to whom: everything else is refused, inside the namespace and out of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pilothouse.services.airflow import API_SERVER, DAG_PROCESSOR, SCHEDULER, SETUP_JOB, TRIGGERER

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.settings import KubernetesSettings

NAME = "app.kubernetes.io/name"
POSTGRES, SEAWEEDFS, MLFLOW = "postgres", "seaweedfs", "mlflow"
TASK, WORKLOAD = "airflow-task", "workload"
BUCKETS_JOB, MLFLOW_JOB, MLFLOW_GC = "buckets", "mlflow-setup", "mlflow-gc"
BACKUP_JOB, RESTORE_JOB = "postgres-backup", "postgres-restore"
POD_CLEANUP, DATABASE_CLEANUP = "airflow-cleanup-pods", "airflow-db-clean"
GIT_SYNC = "git-sync"  # a container of what reads DAGs
DENY_ALL = "default-deny"
PORTS: Mapping[str, int] = {POSTGRES: 5432, SEAWEEDFS: 8333, MLFLOW: 5000, API_SERVER: 8080}

CONSOLES = (MLFLOW, API_SERVER)

OPENINGS: Mapping[str, tuple[str, ...]] = {
    BUCKETS_JOB: (SEAWEEDFS,),
    MLFLOW_JOB: (POSTGRES,),
    MLFLOW: (POSTGRES, SEAWEEDFS),
    MLFLOW_GC: (POSTGRES, MLFLOW),
    SETUP_JOB: (POSTGRES,),
    API_SERVER: (POSTGRES, SEAWEEDFS),
    SCHEDULER: (POSTGRES, SEAWEEDFS, API_SERVER),
    DAG_PROCESSOR: (POSTGRES, API_SERVER),
    TRIGGERER: (POSTGRES, SEAWEEDFS, API_SERVER),
    TASK: (SEAWEEDFS, API_SERVER),
    WORKLOAD: (SEAWEEDFS, MLFLOW),
    POD_CLEANUP: (),
    DATABASE_CLEANUP: (POSTGRES,),
    BACKUP_JOB: (POSTGRES, SEAWEEDFS),
    RESTORE_JOB: (POSTGRES, SEAWEEDFS),
}
"""Which servers each client reaches."""

CLUSTER_CLIENTS = (API_SERVER, SCHEDULER, TASK, POD_CLEANUP)
"""Who calls the cluster's own API."""

DAG_READERS = (DAG_PROCESSOR, TASK)
"""Who reads DAGs, and so calls the git server that they come from."""

COMPONENTS = tuple(sorted({POSTGRES, SEAWEEDFS, *OPENINGS}))


@dataclass(frozen=True)
class Policy:
    """A NetworkPolicy's name and its `spec`."""

    name: str
    spec: dict[str, Any]


def policies(settings: KubernetesSettings, *, public: bool = False) -> list[Policy]:
    """Nothing in and nothing out, then what each component needs.

    On a public platform what serves the consoles reaches them.
    """
    deny = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    return [
        Policy(DENY_ALL, deny),
        *(Policy(name, _spec(name, settings, public=public)) for name in COMPONENTS),
    ]


def _spec(component: str, settings: KubernetesSettings, *, public: bool) -> dict[str, Any]:
    return {
        "podSelector": {"matchLabels": {NAME: component}},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [*_ingress(component), *(_served(component, settings) if public else ())],
        "egress": list(_egress(component, settings)),
    }


def _ingress(server: str) -> Iterable[dict[str, Any]]:
    clients = sorted(client for client, servers in OPENINGS.items() if server in servers)
    if clients:
        peers = [{"podSelector": {"matchLabels": {NAME: client}}} for client in clients]
        yield {"from": peers, "ports": [_port(PORTS[server])]}


def _served(console: str, settings: KubernetesSettings) -> Iterable[dict[str, Any]]:
    if settings.exposure and console in CONSOLES:
        peer = settings.exposure.controller.peer()
        yield {"from": [peer], "ports": [_port(PORTS[console])]}


def _egress(client: str, settings: KubernetesSettings) -> Iterable[dict[str, Any]]:
    servers, outside = OPENINGS.get(client, ()), settings.egress_of(client)
    if servers or outside:
        yield _to_dns(settings)
    for server in servers:
        peer = {"podSelector": {"matchLabels": {NAME: server}}}
        yield {"to": [peer], "ports": [_port(PORTS[server])]}
    if client in CLUSTER_CLIENTS:
        yield _to_cluster(settings)
    for there in outside:
        yield {"to": [{"ipBlock": {"cidr": there.cidr}}], "ports": [_port(there.port)]}


def _to_dns(settings: KubernetesSettings) -> dict[str, Any]:
    dns = settings.cluster_dns
    peer = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": dns.namespace}},
        "podSelector": {"matchLabels": dict(dns.pod_labels)},
    }
    return {"to": [peer], "ports": [_port(dns.port, "UDP"), _port(dns.port)]}


def _to_cluster(settings: KubernetesSettings) -> dict[str, Any]:
    """Policies see the API server's own address; unless it is known, its usual ports are open."""
    server = settings.api_server
    if server is None:
        return {"ports": [_port(443), _port(6443)]}
    return {"to": [{"ipBlock": {"cidr": server.cidr}}], "ports": [_port(server.port)]}


def _port(number: int, protocol: str = "TCP") -> dict[str, Any]:
    return {"port": number, "protocol": protocol}
