"""Why pods are not ready, in the words of the cluster.

During a rolling update only the pods that are not ready matter: the old ones still are.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from pilothouse.targets.kubernetes.clients.cluster import Cluster
from pilothouse.targets.kubernetes.clients.kinds import EVENT, POD
from pilothouse.targets.kubernetes.naming import COMPONENT_LABEL

STARTING = ("ContainerCreating", "PodInitializing")
EVENTS = ("FailedCreate", "FailedMount", "FailedAttachVolume")
LAST_LINES = 4  # of a log: those of an exception, and where to read more of it
RECENT = timedelta(minutes=2.5)  # the kubelet repeats at least that often that a mount fails


def pods_of(cluster: Cluster, namespace: str, component: str) -> list[Any]:
    """The pods of a component."""
    return cluster.list_objects(POD, namespace, label_selector=f"{COMPONENT_LABEL}={component}")


def failure_reasons(cluster: Cluster, namespace: str, owner: Any) -> list[str]:
    """Why pods of a Deployment, StatefulSet or Job are not ready; empty if they only start.

    Reasons are pods that cannot be created or scheduled, containers that wait, with their last
    words if they failed before, and volumes that cannot be mounted.
    """
    name = owner.metadata.name
    pods = [pod for pod in pods_of(cluster, namespace, name) if not _is_healthy(pod)]
    names = {name, *(pod.metadata.name for pod in pods)}
    reasons = [
        *_creation_failures(owner),
        *(reason for pod in pods for reason in _pod_failures(pod)),
        *_event_failures(cluster, namespace, names),
    ]
    return list(dict.fromkeys(reasons))


def is_ready(pod: Any) -> bool:
    """Whether a pod accepts requests."""
    ready = _condition(pod, "Ready")
    return bool(ready and ready.status == "True")


def _is_healthy(pod: Any) -> bool:
    return pod.status.phase == "Succeeded" or is_ready(pod)


def _creation_failures(owner: Any) -> Iterator[str]:
    failure = _condition(owner, "ReplicaFailure")
    if failure and failure.status == "True":
        yield f"{failure.reason} {failure.message}"


def _pod_failures(pod: Any) -> Iterator[str]:
    scheduled, name = _condition(pod, "PodScheduled"), pod.metadata.name
    if scheduled and scheduled.status == "False":
        yield f"{name}: {scheduled.reason} {scheduled.message}"
    for status in container_statuses(pod):
        waiting = status.state.waiting
        if waiting and waiting.reason not in STARTING:
            yield f"{name}: {waiting.reason} {waiting.message or ''}".strip()
        if words := _last_words(status):
            yield f"{name}: the last lines of {status.name}, which failed: {words}"


def _last_words(status: Any) -> str:
    """The end of the log of a container that failed and does not run again yet."""
    ended = status.state.terminated or (status.lastState and status.lastState.terminated)
    if not ended or not ended.exitCode or status.state.running:
        return ""
    lines = [line.strip() for line in (ended.message or "").splitlines() if line.strip()]
    return " / ".join(lines[-LAST_LINES:])


def container_statuses(pod: Any) -> list[Any]:
    """The statuses of a pod's containers, init containers first."""
    return [*(pod.status.initContainerStatuses or ()), *(pod.status.containerStatuses or ())]


def read_log(cluster: Cluster, pod: Any, status: Any, lines: int | None = None) -> str:
    """The log of a container by its status, or why the container has none yet."""
    if waiting := status.state.waiting:
        return f"{status.name}: {waiting.reason} {waiting.message or ''}\n"
    return cluster.read_log(pod.metadata.name, pod.metadata.namespace, status.name, lines)


def _event_failures(cluster: Cluster, namespace: str, names: set[str]) -> Iterator[str]:
    for event in cluster.list_objects(EVENT, namespace, field_selector="type=Warning"):
        concerns = event.involvedObject.name in names and event.reason in EVENTS
        if concerns and datetime.now(UTC) - _last_seen(event) < RECENT:
            yield f"{event.involvedObject.name}: {event.reason} {event.message}"


def _last_seen(event: Any) -> datetime:
    seen = event.lastTimestamp or event.eventTime or event.metadata.creationTimestamp
    return datetime.fromisoformat(seen)


def _condition(thing: Any, name: str) -> Any:
    conditions = thing.status.conditions or ()
    return next((condition for condition in conditions if condition.type == name), None)
