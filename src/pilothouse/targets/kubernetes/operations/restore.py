"""Lists backups and restores one, with everything stopped that writes to the databases."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pilothouse.errors import PilothouseError
from pilothouse.services.airflow.settings import SETUP_JOB
from pilothouse.targets.interface import Backup
from pilothouse.targets.kubernetes.clients import jobs
from pilothouse.targets.kubernetes.clients.kinds import CRON_JOB, DEPLOYMENT, JOB, POD
from pilothouse.targets.kubernetes.naming import COMPONENT_LABEL
from pilothouse.targets.kubernetes.settings.component_table import MLFLOW_JOB, RESTORE_JOB
from pilothouse.waiting import wait_until

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.clients.cluster import Cluster

LISTED_WITHIN, RESTORED_WITHIN = 180.0, 3600.0  # seconds
STOPPED_WITHIN = 180.0  # seconds; a pod has 30 to end by itself
ENDED_WITHIN = 900.0  # seconds for running jobs: a backup, a clean-up
ENDED_PHASES = ("Succeeded", "Failed")  # of a pod whose containers have ended


def list_backups(cluster: Cluster, namespace: str) -> list[Backup]:
    """Every complete backup in the bucket, oldest first, listed by a Job in the cluster."""
    log = jobs.run(cluster, namespace, RESTORE_JOB, _list_only, seconds=LISTED_WITHIN)
    return [Backup(**document) for document in json.loads(log.splitlines()[-1])]


def restore(cluster: Cluster, namespace: str, backup: str) -> None:
    """Stop what writes, restore, and delete the set-up jobs so that the next `up` runs them again.

    They migrate the restored tables and users to this stack's images and secrets.
    """
    _stop(cluster, namespace)

    def set_backup(spec: dict[str, Any]) -> None:
        (fetch,) = spec["initContainers"]
        others = [variable for variable in fetch["env"] if variable["name"] != "BACKUP"]
        fetch["env"] = [*others, {"name": "BACKUP", "value": backup}]

    jobs.run(cluster, namespace, RESTORE_JOB, set_backup, seconds=RESTORED_WITHIN)
    for job in (SETUP_JOB, MLFLOW_JOB):
        cluster.delete(JOB, job, namespace, propagation="Foreground")


def _list_only(spec: dict[str, Any]) -> None:
    """Run only the container with the keys of the bucket, with the command `list`."""
    (fetch,) = spec.pop("initContainers")
    spec["containers"] = [{**fetch, "command": [*fetch["command"][:-1], "list"]}]


def _stop(cluster: Cluster, namespace: str) -> None:
    """Suspend the CronJobs and delete the Deployments, and wait for their jobs and pods to end.

    An `up` creates the Deployments again and resumes the CronJobs. The jobs end first: some of
    them call the servers.
    """
    cron_jobs = _suspend_cron_jobs(cluster, namespace)
    _wait_for_none(lambda: _running_jobs(cluster, namespace, cron_jobs), ENDED_WITHIN)
    deployments = _delete_deployments(cluster, namespace)
    # A job that began while its CronJob was being suspended is among these pods.
    components = [*deployments, *cron_jobs]
    _wait_for_none(lambda: _running_pods(cluster, namespace, components), STOPPED_WITHIN)


def _suspend_cron_jobs(cluster: Cluster, namespace: str) -> list[str]:
    """Suspend every CronJob but the one that restores; their names."""
    found = [item.metadata.name for item in cluster.list_objects(CRON_JOB, namespace)]
    names = [name for name in found if name != RESTORE_JOB]
    for name in names:
        cluster.patch(CRON_JOB, name, namespace, {"spec": {"suspend": True}})
    return names


def _delete_deployments(cluster: Cluster, namespace: str) -> list[str]:
    """Delete every Deployment; their names.

    Scaling them down would leave `replicas` to another field manager than the engine.
    """
    names = [item.metadata.name for item in cluster.list_objects(DEPLOYMENT, namespace)]
    for name in names:
        cluster.delete(DEPLOYMENT, name, namespace, propagation="Background")
    return names


def _running_jobs(cluster: Cluster, namespace: str, cron_jobs: list[str]) -> list[str]:
    """The running jobs of these CronJobs, also those that were created by hand."""
    return [
        f"job {job.metadata.name}"
        for job in cluster.list_objects(JOB, namespace)
        if (job.spec.template.metadata.labels or {}).get(COMPONENT_LABEL) in cron_jobs
        and not jobs.has_ended(job)
    ]


def _running_pods(cluster: Cluster, namespace: str, components: list[str]) -> list[str]:
    selector = f"{COMPONENT_LABEL} in ({','.join(components)})"
    pods = cluster.list_objects(POD, namespace, label_selector=selector)
    return [pod.metadata.name for pod in pods if pod.status.phase not in ENDED_PHASES]


def _wait_for_none(running: Callable[[], list[str]], seconds: float) -> None:
    """Wait until nothing is running; PilothouseError with what still is after `seconds`."""
    left: list[str] = []

    def have_ended() -> bool:
        left[:] = running()
        return not left

    if not wait_until(have_ended, seconds=seconds):
        remedy = "wait for it or delete it, and restore again; or `up` to start everything"
        raise PilothouseError(f"not stopped, so nothing was restored: {', '.join(left)}; {remedy}")
