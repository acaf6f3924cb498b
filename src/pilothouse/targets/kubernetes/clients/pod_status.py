"""Why pods are not ready, in the cluster's own words.

A rolling change is judged by the pods that are not ready: those before it still are.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from pilothouse.targets.kubernetes.clients.cluster import Cluster
from pilothouse.targets.kubernetes.objects.network_policies import NAME

STARTING = ("ContainerCreating", "PodInitializing")
EVENTS = ("FailedCreate", "FailedMount", "FailedAttachVolume")
RECENT = timedelta(minutes=2.5)  # the kubelet says at least that often that a volume is missing


def pods_of(cluster: Cluster, namespace: str, component: str) -> list[Any]:
    """The pods with a component's label."""
    call = cluster.core.list_namespaced_pod
    return cluster.listed(call, namespace, label_selector=f"{NAME}={component}")


def reasons(cluster: Cluster, namespace: str, owner: Any) -> list[str]:
    """Of a Deployment, a StatefulSet or a Job; empty if its pods just start.

    A pod that no node takes, a container that waits, a volume that can't be mounted, pods that
    may not be made at all.
    """
    name = owner.metadata.name
    pods = [pod for pod in pods_of(cluster, namespace, name) if not _is_well(pod)]
    about = {name, *(pod.metadata.name for pod in pods)}
    found = [
        *_refusals(owner),
        *(reason for pod in pods for reason in _of_pod(pod)),
        *_of_events(cluster, namespace, about),
    ]
    return list(dict.fromkeys(found))


def is_ready(pod: Any) -> bool:
    """Whether a pod serves those who call it."""
    ready = _condition(pod, "Ready")
    return bool(ready and ready.status == "True")


def _is_well(pod: Any) -> bool:
    return pod.status.phase == "Succeeded" or is_ready(pod)


def _refusals(owner: Any) -> Iterator[str]:
    failure = _condition(owner, "ReplicaFailure")
    if failure and failure.status == "True":
        yield f"{failure.reason} {failure.message}"


def _of_pod(pod: Any) -> Iterator[str]:
    scheduled, name = _condition(pod, "PodScheduled"), pod.metadata.name
    if scheduled and scheduled.status == "False":
        yield f"{name}: {scheduled.reason} {scheduled.message}"
    for status in containers_of(pod):
        waiting = status.state.waiting
        if waiting and waiting.reason not in STARTING:
            yield f"{name}: {waiting.reason} {waiting.message or ''}".strip()


def containers_of(pod: Any) -> list[Any]:
    """The states of a pod's containers, those that start before its own first."""
    return [*(pod.status.init_container_statuses or ()), *(pod.status.container_statuses or ())]


def _of_events(cluster: Cluster, namespace: str, about: set[str]) -> Iterator[str]:
    call = cluster.core.list_namespaced_event
    for event in cluster.listed(call, namespace, field_selector="type=Warning"):
        about_it = event.involved_object.name in about and event.reason in EVENTS
        if about_it and datetime.now(UTC) - _seen(event) < RECENT:
            yield f"{event.involved_object.name}: {event.reason} {event.message}"


def _seen(event: Any) -> datetime:
    seen: datetime = event.last_timestamp or event.event_time or event.metadata.creation_timestamp
    return seen


def _condition(thing: Any, name: str) -> Any:
    return next((each for each in thing.status.conditions or () if each.type == name), None)
