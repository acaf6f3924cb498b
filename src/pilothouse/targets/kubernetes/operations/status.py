"""The state of a stack's services, as the cluster counts their pods, and their logs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pilothouse.errors import PilothouseError
from pilothouse.targets.interface import ServiceStatus
from pilothouse.targets.kubernetes.clients.cluster import Cluster
from pilothouse.targets.kubernetes.clients.kinds import DEPLOYMENT, JOB, STATEFUL_SET
from pilothouse.targets.kubernetes.clients.pod_status import (
    container_statuses,
    failure_reasons,
    pods_of,
    read_log,
)


def service_statuses(cluster: Cluster, namespace: str) -> list[ServiceStatus]:
    """Every Deployment and StatefulSet, and every set-up Job that fails, sorted by name."""
    return sorted(_statuses(cluster, namespace), key=lambda status: status.name)


def read_logs(cluster: Cluster, namespace: str, service: str, lines: int) -> Iterator[str]:
    """The last lines of each container of a service; PilothouseError if it has no pod."""
    pods = pods_of(cluster, namespace, service)
    if not pods:
        names = ", ".join(status.name for status in service_statuses(cluster, namespace))
        raise PilothouseError(f"no pod of {service!r}; there are: {names or 'none'}")
    for pod in pods:
        for status in container_statuses(pod):
            yield from read_log(cluster, pod, status, lines).splitlines()


def _statuses(cluster: Cluster, namespace: str) -> Iterator[ServiceStatus]:
    for kind in (DEPLOYMENT, STATEFUL_SET):
        for owner in cluster.list_objects(kind, namespace):
            ready = _ready_replicas(owner.status)
            yield _status(cluster, namespace, owner, owner.spec.replicas, ready)
    for job in cluster.list_objects(JOB, namespace):
        if not job.metadata.ownerReferences:
            status = _status(cluster, namespace, job, 1, job.status.succeeded or 0)
            if status.state == "failed":
                yield status


def _ready_replicas(status: Any) -> int:
    """Ready pods without those of the old version, which stay until an update is complete."""
    old = (status.replicas or 0) - (status.updatedReplicas or 0)
    return max(0, (status.readyReplicas or 0) - old)


def _status(
    cluster: Cluster, namespace: str, owner: Any, replicas: int, ready: int
) -> ServiceStatus:
    name, detail = owner.metadata.name, f"{ready} of {replicas} ready"
    if ready >= replicas:
        return ServiceStatus(name=name, state="running", detail=detail)
    reasons = failure_reasons(cluster, namespace, owner)
    text = "; ".join([detail, *reasons])
    return ServiceStatus(name=name, state="failed" if reasons else "starting", detail=text)
