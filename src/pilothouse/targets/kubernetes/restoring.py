"""Putting the databases back to a backup, with what writes to them stopped."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from pilothouse.contract import Backup
from pilothouse.errors import PilothouseError
from pilothouse.services.airflow import SETUP_JOB
from pilothouse.targets.kubernetes import jobs
from pilothouse.targets.kubernetes.access import MLFLOW_JOB, NAME, RESTORE_JOB

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.cluster import Cluster

LISTED_WITHIN, RESTORED_WITHIN = 180.0, 3600.0  # seconds
STOPPED_WITHIN = 180.0  # seconds; a pod has 30 to end by itself


def listed(cluster: Cluster, namespace: str) -> list[Backup]:
    """Every whole backup in the bucket, the oldest first: a job in the cluster looks."""
    written = jobs.run(cluster, namespace, RESTORE_JOB, _only_list, seconds=LISTED_WITHIN)
    return [Backup(**each) for each in json.loads(written.splitlines()[-1])]


def restore(cluster: Cluster, namespace: str, backup: str) -> None:
    """Stop what writes, restore, and have the set-up jobs run again at the next `up`.

    They bring the restored tables and users to what this stack's images and secrets want.
    """
    _stop(cluster, namespace)

    def name_it(spec: dict[str, Any]) -> None:
        (fetch,) = spec["initContainers"]
        given = [each for each in fetch["env"] if each["name"] != "BACKUP"]
        fetch["env"] = [*given, {"name": "BACKUP", "value": backup}]

    jobs.run(cluster, namespace, RESTORE_JOB, name_it, seconds=RESTORED_WITHIN)
    for job in (SETUP_JOB, MLFLOW_JOB):
        cluster.find(
            cluster.batch.delete_namespaced_job, job, namespace, propagation_policy="Foreground"
        )


def _only_list(spec: dict[str, Any]) -> None:
    """The container that knows the bucket, alone."""
    (fetch,) = spec.pop("initContainers")
    spec["containers"] = [{**fetch, "command": [*fetch["command"][:-1], "list"]}]


def _stop(cluster: Cluster, namespace: str) -> None:
    """No Deployment is there, and no pod of one; an `up` makes them again.

    Scaled down by somebody else than the engine, they would be in dispute at that `up`.
    """
    apps = cluster.apps
    deployments = cluster.find(apps.list_namespaced_deployment, namespace).items
    names = [each.metadata.name for each in deployments]
    for name in names:
        cluster.find(
            apps.delete_namespaced_deployment, name, namespace, propagation_policy="Background"
        )
    if names:
        _wait_for_their_end(cluster, namespace, names)


def _wait_for_their_end(cluster: Cluster, namespace: str, names: list[str]) -> None:
    chosen = f"{NAME} in ({','.join(names)})"
    deadline = time.monotonic() + STOPPED_WITHIN
    while left := cluster.find(
        cluster.core.list_namespaced_pod, namespace, label_selector=chosen
    ).items:
        if time.monotonic() > deadline:
            pods = ", ".join(pod.metadata.name for pod in left)
            raise PilothouseError(f"not stopped, so nothing was restored: {pods}")
        time.sleep(1.0)
