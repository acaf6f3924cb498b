"""How far the services of a namespace are, as the cluster counts their pods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pilothouse.targets.interface import ServiceStatus
from pilothouse.targets.kubernetes.clients.cluster import Cluster
from pilothouse.targets.kubernetes.clients.pod_status import reasons


def statuses(cluster: Cluster, namespace: str) -> Iterator[ServiceStatus]:
    """Of every Deployment and StatefulSet, and of each set-up Job that can't get on."""
    for call in (
        cluster.apps.list_namespaced_deployment,
        cluster.apps.list_namespaced_stateful_set,
    ):
        for each in cluster.listed(call, namespace):
            yield _status(cluster, namespace, each, each.spec.replicas, _current(each.status))
    for job in cluster.listed(cluster.batch.list_namespaced_job, namespace):
        if not job.metadata.owner_references:
            status = _status(cluster, namespace, job, 1, job.status.succeeded or 0)
            if status.state == "failed":
                yield status


def _current(status: Any) -> int:
    """Ready pods but for those of before a change, which stay until it is through."""
    old = (status.replicas or 0) - (status.updated_replicas or 0)
    return max(0, (status.ready_replicas or 0) - old)


def _status(cluster: Cluster, namespace: str, owner: Any, wanted: int, ready: int) -> ServiceStatus:
    name, detail = owner.metadata.name, f"{ready} of {wanted} ready"
    if ready >= wanted:
        return ServiceStatus(name=name, state="running", detail=detail)
    why = reasons(cluster, namespace, owner)
    text = "; ".join([detail, *why])
    return ServiceStatus(name=name, state="failed" if why else "starting", detail=text)
