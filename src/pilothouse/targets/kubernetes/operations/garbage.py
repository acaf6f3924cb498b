"""Finds and deletes for good what was deleted in MLflow, by Jobs of its CronJob."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pilothouse.services.mlflow import garbage
from pilothouse.targets.kubernetes.clients import jobs
from pilothouse.targets.kubernetes.settings.component_table import MLFLOW_GC

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.clients.cluster import Cluster

FOUND_WITHIN, COLLECTED_WITHIN = 600.0, 3600.0  # seconds


def find(cluster: Cluster, namespace: str, older_than: float) -> garbage.Garbage:
    """What was deleted more than `older_than` seconds ago, with its artifacts."""
    return _run(cluster, namespace, garbage.arguments("list", older_than), FOUND_WITHIN)


def collect(cluster: Cluster, namespace: str, older_than: float) -> garbage.Garbage:
    """Delete it for good; what is gone."""
    return _run(cluster, namespace, garbage.arguments("delete", older_than), COLLECTED_WITHIN)


def _run(cluster: Cluster, namespace: str, arguments: list[str], seconds: float) -> garbage.Garbage:
    def set_arguments(spec: dict[str, Any]) -> None:
        (container,) = spec["containers"]
        container["command"] = [*container["command"][: -len(arguments)], *arguments]

    log = jobs.run(cluster, namespace, MLFLOW_GC, set_arguments, seconds=seconds)
    return garbage.read_garbage(log)
