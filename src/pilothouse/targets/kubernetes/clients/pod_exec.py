"""Executes a program in a pod, for what it says."""

from __future__ import annotations

from collections.abc import Sequence

from pilothouse.targets.kubernetes.clients.cluster import Cluster


def output(cluster: Cluster, namespace: str, pod: str, command: Sequence[str]) -> str:
    """What a program says on standard output in the pod's first container."""
    from kubernetes.client import CoreV1Api
    from kubernetes.stream import stream

    # Upgrading a connection changes its client, so this one has its own.
    api = CoreV1Api(Cluster(cluster.settings).client)
    said: str = stream(
        api.connect_get_namespaced_pod_exec,
        pod,
        namespace,
        command=list(command),
        stdout=True,
        stderr=False,
        stdin=False,
        tty=False,
    )
    return said
