"""Stops what runs in a stack's namespace, and leaves its volumes and its data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pilothouse.errors import PilothouseError
from pilothouse.targets.kubernetes.clients import jobs
from pilothouse.targets.kubernetes.clients.kinds import CRON_JOB, JOB, POD
from pilothouse.targets.kubernetes.naming import COMPONENT_LABEL
from pilothouse.targets.kubernetes.settings.component_table import RESTORE_JOB
from pilothouse.waiting import wait_until

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.clients.cluster import Cluster
    from pilothouse.targets.kubernetes.clients.kinds import Kind

STOPPED_WITHIN = 180.0  # seconds; a pod has 30 to end by itself
ENDED_WITHIN = 900.0  # seconds for running jobs: a backup, a clean-up
ENDED_PHASES = ("Succeeded", "Failed")  # of a pod whose containers have ended


def stop(cluster: Cluster, namespace: str, kinds: Sequence[Kind], *, unless: str) -> None:
    """Suspend the CronJobs and delete what is of `kinds`; wait for their jobs and pods to end.

    An `up` creates it again and resumes the CronJobs. The jobs end first: some of them call the
    servers. Raises PilothouseError, which says `unless`, where something does not end.
    """
    cron_jobs = _suspend_cron_jobs(cluster, namespace)
    _wait_for_none(lambda: _running_jobs(cluster, namespace, cron_jobs), ENDED_WITHIN, unless)
    deleted = [name for kind in kinds for name in _delete_all(cluster, namespace, kind)]
    # A job that began while its CronJob was being suspended is among these pods.
    components = [*deleted, *cron_jobs]
    _wait_for_none(lambda: _running_pods(cluster, namespace, components), STOPPED_WITHIN, unless)


def _suspend_cron_jobs(cluster: Cluster, namespace: str) -> list[str]:
    """Suspend every CronJob but the one that restores; their names."""
    found = [item.metadata.name for item in cluster.list_objects(CRON_JOB, namespace)]
    names = [name for name in found if name != RESTORE_JOB]
    for name in names:
        cluster.patch(CRON_JOB, name, namespace, {"spec": {"suspend": True}})
    return names


def _delete_all(cluster: Cluster, namespace: str, kind: Kind) -> list[str]:
    """Delete every object of a kind; their names.

    Scaling them down would leave `replicas` to another field manager than the engine.
    """
    names = [item.metadata.name for item in cluster.list_objects(kind, namespace)]
    for name in names:
        cluster.delete(kind, name, namespace, propagation="Background")
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


def _wait_for_none(running: Callable[[], list[str]], seconds: float, unless: str) -> None:
    """Wait until nothing is running; PilothouseError with what still is after `seconds`."""
    left: list[str] = []

    def have_ended() -> bool:
        left[:] = running()
        return not left

    if not wait_until(have_ended, seconds=seconds):
        remedy = "wait for it or delete it, and try again; or `up` to start everything"
        raise PilothouseError(f"not stopped, {unless}: {', '.join(left)}; {remedy}")
