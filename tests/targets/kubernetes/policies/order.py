"""What is there before what, and so goes after it: read from the graph's dependencies."""

from __future__ import annotations

from collections.abc import Iterator

from pilothouse.services.airflow.settings import API_SERVER, DAG_PROCESSOR, SCHEDULER, TRIGGERER
from pilothouse.targets.kubernetes.naming import COMPONENT_LABEL
from tests.targets.kubernetes.policies.manifests import (
    LONG_RUNNING,
    Manifest,
    Manifests,
    Pod,
    label,
    manifest_of,
    objects_in,
)
from tests.targets.kubernetes.policies.wiring import references
from tests.targets.suite.recorder import Recorded, Recording

LAUNCHER = f"Deployment {SCHEDULER}"
"""What makes, by way of a task, every pod that a file describes."""


def pods_have_what_they_name(graph: Recording, stack: Manifests) -> Iterator[str]:
    """ConfigMaps, Secrets, claims and accounts are there before the pod, and outlive it."""
    for pod in stack.pods:
        theirs = [(each["kind"], each["metadata"]["name"]) for each in stack.theirs]
        for kind, name, _ in references(pod):
            if (kind, name) in theirs:
                continue
            yield from _unmet(graph, pod, f"{kind} {name}")


def pods_have_their_policies(graph: Recording, stack: Manifests) -> Iterator[str]:
    """No pod is there while a policy about it is not; nor while there is no quota, no limit."""
    limits = [label(each) for each in stack.kind("ResourceQuota", "LimitRange")]
    for pod in stack.pods:
        policies = [
            label(policy)
            for policy in stack.kind("NetworkPolicy")
            if _labels(policy).items() <= pod.labels.items()
        ]
        for needed in [*limits, *policies]:
            yield from _unmet(graph, pod, needed)


def pods_have_their_rights(graph: Recording, stack: Manifests) -> Iterator[str]:
    """What calls the cluster's API may do so from its first call to its last."""
    for pod in stack.pods:
        for binding in stack.kind("RoleBinding"):
            accounts = {subject["name"] for subject in binding["subjects"]}
            if pod.spec["serviceAccountName"] in accounts:
                yield from _unmet(graph, pod, label(binding))
                yield from _unmet(
                    graph, pod, f"{binding['roleRef']['kind']} {binding['roleRef']['name']}"
                )


def clients_have_their_servers(graph: Recording, stack: Manifests) -> Iterator[str]:
    """Who talks to a server starts when it serves, and is gone before it is."""
    for pod in stack.pods:
        for server in stack.openings(pod.labels.get(COMPONENT_LABEL, "")):
            for each in stack.kind(*LONG_RUNNING, "Service"):
                if each["metadata"]["name"] == server:
                    yield from _unmet(graph, pod, label(each))


def the_schedulers_go_before_the_api_server(graph: Recording, stack: Manifests) -> Iterator[str]:
    """Each of them calls it until it has stopped."""
    for name in (SCHEDULER, DAG_PROCESSOR, TRIGGERER):
        if f"Deployment {API_SERVER}" not in graph.needs(graph.one(f"Deployment {name}")):
            yield f"Deployment {name} may outlive the API server"


def the_namespace_goes_last(graph: Recording, stack: Manifests) -> Iterator[str]:
    """Everything else is made in it, and is gone before it."""
    (namespace,) = (each for each in graph.kind("Namespace"))
    for each in objects_in(graph):
        if each is not namespace and namespace.label not in graph.needs(each):
            yield f"{each.label} may outlive the namespace"


def _unmet(graph: Recording, pod: Pod, needed: str) -> Iterator[str]:
    if needed not in graph.needs(_maker(graph, pod)):
        yield f"{pod.source} may be there without {needed}"


def _maker(graph: Recording, pod: Pod) -> Recorded:
    wanted = LAUNCHER if pod.kind == "ConfigMap" else pod.source
    found: Recorded
    (found,) = (each for each in objects_in(graph) if label(manifest_of(each)) == wanted)
    return found


def _labels(policy: Manifest) -> dict[str, str]:
    return dict(policy["spec"]["podSelector"].get("matchLabels") or {})
