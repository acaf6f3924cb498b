"""Who may talk to whom: everything else is refused, inside the namespace and out of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pilothouse.services.airflow.settings import (
    API_SERVER,
    DAG_PROCESSOR,
    SCHEDULER,
    SETUP_JOB,
    TRIGGERER,
)

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.settings.target import KubernetesSettings

NAME = "app.kubernetes.io/name"
POSTGRES, SEAWEEDFS, MLFLOW = "postgres", "seaweedfs", "mlflow"
TASK, WORKLOAD = "airflow-task", "workload"
BUCKETS_JOB, MLFLOW_JOB, MLFLOW_GC = "buckets", "mlflow-setup", "mlflow-gc"
BACKUP_JOB, RESTORE_JOB = "postgres-backup", "postgres-restore"
POD_CLEANUP, DATABASE_CLEANUP = "airflow-cleanup-pods", "airflow-db-clean"
PGBOUNCER, STATSD = "pgbouncer", "airflow-statsd"
GIT_SYNC = "git-sync"  # a container of what reads DAGs
DENY_ALL = "default-deny"
PORTS: Mapping[str, int] = {POSTGRES: 5432, SEAWEEDFS: 8333, MLFLOW: 5000, API_SERVER: 8080}

METRICS_PORT = 9102  # of the StatsD exporter, for Prometheus

CONSOLES = (MLFLOW, API_SERVER)

DATABASES: Mapping[str, tuple[str, ...]] = {
    "airflow": ("airflow",),
    "mlflow": ("mlflow", "mlflow_auth"),
}
"""The databases of each role that logs in to PostgreSQL."""

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

OPTIONAL: Mapping[str, int] = {PGBOUNCER: 6543, STATSD: 9125}
"""The ports of servers that a stack has if it is asked to."""

POOLED = (API_SERVER, SCHEDULER, DAG_PROCESSOR, TRIGGERER, DATABASE_CLEANUP)
"""Who reaches the database by its pool, where there is one."""

MEASURED = (API_SERVER, SCHEDULER, DAG_PROCESSOR, TRIGGERER, TASK)
"""Who sends metrics, where they are gathered."""

DAG_READERS = (DAG_PROCESSOR, TASK)
"""Who reads DAGs, and so calls the git server that they come from."""

COMPONENTS = tuple(sorted({POSTGRES, SEAWEEDFS, *OPENINGS}))


OF_OUR_DATABASE = (POSTGRES, BACKUP_JOB, RESTORE_JOB)
"""What runs only where the database is the stack's own."""

OF_OUR_STORE = (SEAWEEDFS, BUCKETS_JOB)
"""What runs only where the store is the stack's own."""


def port_of(server: str) -> int:
    """The port that a server listens on."""
    return {**PORTS, **OPTIONAL}[server]


def openings(settings: KubernetesSettings) -> Mapping[str, tuple[str, ...]]:
    """Which servers each client reaches in a stack with these settings."""
    found = dict(OPENINGS)
    if settings.pg_bouncer:
        for client in POOLED:
            others = (server for server in found[client] if server != POSTGRES)
            found[client] = (PGBOUNCER, *others)
        found[PGBOUNCER] = (POSTGRES,)
    if settings.statsd:
        found |= {client: (*found[client], STATSD) for client in MEASURED}
        found[STATSD] = ()
    return found


def components(settings: KubernetesSettings) -> list[str]:
    """What a stack with these settings has, by the label of its pods."""
    absent = {
        *(OF_OUR_DATABASE if settings.database else ()),
        *(OF_OUR_STORE if settings.object_store else ()),
    }
    return sorted({POSTGRES, SEAWEEDFS, *openings(settings)} - absent)


def servers(settings: KubernetesSettings) -> dict[str, int]:
    """The port of every server in the namespace that others outside of it may be led to."""
    running = components(settings)
    return {name: port for name, port in PORTS.items() if name in running}


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
        *(Policy(name, _spec(name, settings, public=public)) for name in components(settings)),
    ]


def _spec(component: str, settings: KubernetesSettings, *, public: bool) -> dict[str, Any]:
    return {
        "podSelector": {"matchLabels": {NAME: component}},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [
            *_ingress(component, settings),
            *(_served(component, settings) if public else ()),
        ],
        "egress": list(_egress(component, settings)),
    }


def _ingress(server: str, settings: KubernetesSettings) -> Iterable[dict[str, Any]]:
    opened = openings(settings).items()
    clients = sorted(client for client, servers in opened if server in servers)
    if clients:
        peers = [{"podSelector": {"matchLabels": {NAME: client}}} for client in clients]
        yield {"from": peers, "ports": [server_port(server)]}
    if settings.statsd and server == STATSD:
        yield {"from": [settings.statsd.scraper.manifest()], "ports": [_port(METRICS_PORT)]}


def _served(console: str, settings: KubernetesSettings) -> Iterable[dict[str, Any]]:
    if settings.exposure and console in CONSOLES:
        peer = settings.exposure.controller.manifest()
        yield {"from": [peer], "ports": [_port(PORTS[console])]}


def _egress(client: str, settings: KubernetesSettings) -> Iterable[dict[str, Any]]:
    servers, outside = openings(settings).get(client, ()), settings.egress_of(client)
    if servers or outside:
        yield _to_dns(settings)
    for server in servers:
        yield _to_server(server, settings)
    if client in CLUSTER_CLIENTS:
        yield _to_cluster(settings)
    for there in outside:
        yield {"to": [{"ipBlock": {"cidr": there.cidr}}], "ports": [_port(there.port)]}


def _to_server(server: str, settings: KubernetesSettings) -> dict[str, Any]:
    outside = {POSTGRES: settings.database, SEAWEEDFS: settings.object_store}.get(server)
    if outside:
        return {"to": [{"ipBlock": {"cidr": outside.cidr}}], "ports": [_port(outside.port)]}
    peer = {"podSelector": {"matchLabels": {NAME: server}}}
    return {"to": [peer], "ports": [server_port(server)]}


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


def server_port(server: str) -> dict[str, Any]:
    """The port of a server, as policies and services name it."""
    return _port(port_of(server), "UDP" if server == STATSD else "TCP")


def _port(number: int, protocol: str = "TCP") -> dict[str, Any]:
    return {"port": number, "protocol": protocol}
