"""Putting the databases back to a backup, with what writes to them stopped."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pilothouse.errors import PilothouseError
from pilothouse.services.airflow.settings import SETUP_JOB
from pilothouse.targets.interface import Backup
from pilothouse.targets.kubernetes.objects.network_policies import MLFLOW_JOB, NAME, RESTORE_JOB
from pilothouse.targets.kubernetes.operations import jobs

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.clients.cluster import Cluster

LISTED_WITHIN, RESTORED_WITHIN = 180.0, 3600.0  # seconds
STOPPED_WITHIN = 180.0  # seconds; a pod has 30 to end by itself
ENDED_WITHIN = 900.0  # seconds for jobs that were at work: a backup, a clean-up
ENDED = ("Succeeded", "Failed")  # phases of a pod that does nothing any more


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
    """What runs now and then begins no more and has ended; no Deployment is there, no pod of one.

    An `up` makes the Deployments again and lets the CronJobs run. The jobs go first: some of them
    call the servers.
    """
    at_times = _suspended(cluster, namespace)
    _wait(lambda: _running_jobs(cluster, namespace, at_times), ENDED_WITHIN)
    always = _removed_deployments(cluster, namespace)
    # A job that began while its CronJob was being suspended is met here.
    _wait(lambda: _running_pods(cluster, namespace, [*always, *at_times]), STOPPED_WITHIN)


def _suspended(cluster: Cluster, namespace: str) -> list[str]:
    """Every CronJob but the one that restores, none of which makes a job any more."""
    batch = cluster.batch
    found = cluster.listed(batch.list_namespaced_cron_job, namespace)
    names = [each.metadata.name for each in found if each.metadata.name != RESTORE_JOB]
    for name in names:
        cluster.find(batch.patch_namespaced_cron_job, name, namespace, {"spec": {"suspend": True}})
    return names


def _removed_deployments(cluster: Cluster, namespace: str) -> list[str]:
    """Every Deployment. Scaled down by somebody else than the engine, they would be in dispute."""
    apps = cluster.apps
    found = cluster.listed(apps.list_namespaced_deployment, namespace)
    names = [each.metadata.name for each in found]
    for name in names:
        cluster.find(
            apps.delete_namespaced_deployment, name, namespace, propagation_policy="Background"
        )
    return names


def _running_jobs(cluster: Cluster, namespace: str, names: list[str]) -> list[str]:
    """The jobs of these CronJobs, those that somebody made by hand among them."""
    found = cluster.listed(cluster.batch.list_namespaced_job, namespace)
    return [
        f"job {job.metadata.name}"
        for job in found
        if (job.spec.template.metadata.labels or {}).get(NAME) in names and not jobs.has_ended(job)
    ]


def _running_pods(cluster: Cluster, namespace: str, names: list[str]) -> list[str]:
    chosen = f"{NAME} in ({','.join(names)})"
    found = cluster.listed(cluster.core.list_namespaced_pod, namespace, label_selector=chosen)
    return [pod.metadata.name for pod in found if pod.status.phase not in ENDED]


def _wait(left: Callable[[], list[str]], seconds: float) -> None:
    """Until nothing is left; PilothouseError with what still is after `seconds`."""
    deadline = time.monotonic() + seconds
    while found := left():
        if time.monotonic() > deadline:
            remedy = "wait for it or delete it, and restore again; or `up` to start everything"
            raise PilothouseError(
                f"not stopped, so nothing was restored: {', '.join(found)}; {remedy}"
            )
        time.sleep(1.0)
