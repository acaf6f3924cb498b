"""The components of a stack by the label of their pods: their ports, and who may connect to whom.

What is optional here is what a stack file may add to a stack or replace by something external.
"""

from collections.abc import Mapping

from pilothouse.services.airflow.settings import (
    API_SERVER,
    DAG_PROCESSOR,
    SCHEDULER,
    SETUP_JOB,
    TRIGGERER,
)
from pilothouse.services.seaweedfs import BACKUPS

POSTGRES, SEAWEEDFS, MLFLOW = "postgres", "seaweedfs", "mlflow"
TASK, WORKLOAD = "airflow-task", "workload"
BUCKETS_JOB, MLFLOW_JOB, MLFLOW_GC = "buckets", "mlflow-setup", "mlflow-gc"
BACKUP_JOB, RESTORE_JOB = "postgres-backup", "postgres-restore"
POD_CLEANUP, DATABASE_CLEANUP = "airflow-cleanup-pods", "airflow-db-clean"
EXPIRY = "expiry"
PGBOUNCER, STATSD = "pgbouncer", "airflow-statsd"
GIT_SYNC = "git-sync"  # a container in the pods of DAG_READERS

PORTS: Mapping[str, int] = {POSTGRES: 5432, SEAWEEDFS: 8333, MLFLOW: 5000, API_SERVER: 8080}
OPTIONAL_PORTS: Mapping[str, int] = {PGBOUNCER: 6543, STATSD: 9125}
METRICS_PORT = 9102  # of the StatsD exporter, for Prometheus

HTTP_SERVERS = (SEAWEEDFS, MLFLOW, API_SERVER)
"""Servers that are called by http URLs."""

CONSOLES = (MLFLOW, API_SERVER)
"""Servers with a web console, which a public platform exposes."""

DATABASES: Mapping[str, tuple[str, ...]] = {
    "airflow": ("airflow",),
    "mlflow": ("mlflow", "mlflow_auth"),
}
"""The databases of each role that logs in to PostgreSQL."""

ALLOWED_CONNECTIONS: Mapping[str, tuple[str, ...]] = {
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
    EXPIRY: (),
    DATABASE_CLEANUP: (POSTGRES,),
    BACKUP_JOB: (POSTGRES, SEAWEEDFS),
    RESTORE_JOB: (POSTGRES, SEAWEEDFS),
}
"""The servers that each client connects to, without the optional ones."""

BUCKET_CLIENTS: Mapping[str, tuple[str, ...]] = {
    "data": (WORKLOAD,),
    "artifacts": (MLFLOW,),
    "logs": (API_SERVER, SCHEDULER, TRIGGERER, TASK),
    BACKUPS: (BACKUP_JOB, RESTORE_JOB),
}
"""The components that use the bucket of each role."""

WORKLOAD_POD = ("airflow-files", "workload.yaml")
"""The ConfigMap, and the file in it, with the pod in which a task runs the packaged workload."""

KUBERNETES_API_CLIENTS = (API_SERVER, SCHEDULER, TASK, POD_CLEANUP, EXPIRY)
"""Components that call the API of the cluster."""

PGBOUNCER_CLIENTS = (API_SERVER, SCHEDULER, DAG_PROCESSOR, TRIGGERER, DATABASE_CLEANUP)
"""Components that connect to PgBouncer instead of PostgreSQL, where a stack has it."""

STATSD_CLIENTS = (API_SERVER, SCHEDULER, DAG_PROCESSOR, TRIGGERER, TASK)
"""Components that send metrics, where a stack has a StatsD exporter."""

DAG_READERS = (DAG_PROCESSOR, TASK)
"""Components that read DAGs, and so connect to the git server that DAGs come from."""

POSTGRES_COMPONENTS = (POSTGRES, BACKUP_JOB, RESTORE_JOB)
"""Components that a stack with an external database does not have."""

SEAWEEDFS_COMPONENTS = (SEAWEEDFS, BUCKETS_JOB)
"""Components that a stack with an external object store does not have."""

COMPONENTS = tuple(sorted({POSTGRES, SEAWEEDFS, *ALLOWED_CONNECTIONS}))
"""Every component that is not optional."""


def port_of(server: str) -> int:
    """The port that a server listens on; KeyError if it is no server."""
    return {**PORTS, **OPTIONAL_PORTS}[server]


def allowed_connections(
    *, pg_bouncer: bool, statsd: bool, dags_in_bucket: bool
) -> Mapping[str, tuple[str, ...]]:
    """The servers that each client connects to, in a stack with or without the optional ones.

    With `dags_in_bucket`, all that read DAGs connect to the store.
    """
    connections = dict(ALLOWED_CONNECTIONS)
    if dags_in_bucket:
        connections |= {
            client: tuple(dict.fromkeys((*connections[client], SEAWEEDFS)))
            for client in DAG_READERS
        }
    if pg_bouncer:
        for client in PGBOUNCER_CLIENTS:
            others = (server for server in connections[client] if server != POSTGRES)
            connections[client] = (PGBOUNCER, *others)
        connections[PGBOUNCER] = (POSTGRES,)
    if statsd:
        connections |= {client: (*connections[client], STATSD) for client in STATSD_CLIENTS}
        connections[STATSD] = ()
    return connections
