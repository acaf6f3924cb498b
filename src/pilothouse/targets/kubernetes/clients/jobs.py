"""Runs a Job of one pod once, from a CronJob's template or another, and waits for it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pilothouse.errors import PilothouseError
from pilothouse.targets.kubernetes.clients.kinds import CRON_JOB, JOB, POD
from pilothouse.targets.kubernetes.clients.pod_status import container_statuses, read_log
from pilothouse.targets.kubernetes.naming import COMPONENT_LABEL
from pilothouse.waiting import wait_until

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.clients.cluster import Cluster

SHOWN_LINES = 20
REMOVED_WITHIN = 60.0  # seconds
PodSpec = dict[str, Any]


def run(
    cluster: Cluster,
    namespace: str,
    cron_job: str,
    change: Callable[[PodSpec], None],
    *,
    seconds: float,
) -> str:
    """Run a Job of `cron_job` once, with its pod's spec changed; the logs of its containers.

    A Job of an interrupted run is deleted before. Otherwise see `run_template`.
    """
    _delete_earlier(cluster, namespace, cron_job)
    found = cluster.get(CRON_JOB, cron_job, namespace)
    if found is None:
        raise PilothouseError(f"no CronJob {cron_job} in namespace {namespace}: bring the stack up")
    document = found.to_dict()
    spec = document["spec"]["jobTemplate"]["spec"]
    change(spec["template"]["spec"])
    labels = document["metadata"]["labels"]
    return run_template(cluster, namespace, cron_job, labels, spec, seconds=seconds)


def run_template(
    cluster: Cluster,
    namespace: str,
    component: str,
    labels: Mapping[str, str],
    spec: Mapping[str, Any],
    *,
    seconds: float,
) -> str:
    """Run a Job with this spec once, without retries; the logs of its containers.

    The Job is deleted afterwards. PilothouseError if it fails or takes longer than `seconds`.
    """
    name = f"{component}-{secrets.token_hex(4)}"
    metadata = {"name": name, "labels": dict(labels)}
    body = {"metadata": metadata, "spec": {**spec, "backoffLimit": 0}}
    cluster.create(JOB, body, namespace)
    try:
        failure = _wait_for_end(cluster, namespace, name, seconds)
        logs = _read_logs(cluster, namespace, name)
    finally:
        cluster.delete(JOB, name, namespace, propagation="Foreground")
    if failure:
        tail = "\n".join(logs.splitlines()[-SHOWN_LINES:])
        raise PilothouseError(f"job {name} of {namespace} {failure}\n{tail}".strip())
    return logs


def _delete_earlier(cluster: Cluster, namespace: str, cron_job: str) -> None:
    """Delete the Jobs that were created by hand from this CronJob, and wait for their end."""
    left: list[str] = []

    def are_gone() -> bool:
        left[:] = _jobs_by_hand(cluster, namespace, cron_job)
        for name in left:
            cluster.delete(JOB, name, namespace, propagation="Foreground")
        return not left

    if not wait_until(are_gone, seconds=REMOVED_WITHIN):
        raise PilothouseError(f"an earlier job does not end: {', '.join(left)}")


def _jobs_by_hand(cluster: Cluster, namespace: str, cron_job: str) -> list[str]:
    selector = f"{COMPONENT_LABEL}={cron_job}"
    jobs = cluster.list_objects(JOB, namespace, label_selector=selector)
    return [job.metadata.name for job in jobs if not job.metadata.ownerReferences]


def _wait_for_end(cluster: Cluster, namespace: str, name: str, seconds: float) -> str:
    """Why the job did not succeed; empty if it did."""
    failures: list[str] = []

    def has_result() -> bool:
        job = cluster.get(JOB, name, namespace)
        if job is None:
            failures.append("was removed before its end, or the namespace was")
            return True
        end = _end_condition(job)
        if end and end.type != "Complete":
            failures.append(f"failed: {end.message}")
        return end is not None

    if not wait_until(has_result, seconds=seconds):
        return f"has not ended within {seconds:.0f} s"
    return "".join(failures)


def has_ended(job: Any) -> bool:
    """Whether a job is complete or failed, so that it creates no more pods."""
    return _end_condition(job) is not None


def _end_condition(job: Any) -> Any:
    """The condition that a job has ended with; None while it runs."""
    conditions = (job.status.conditions if job.status else None) or ()
    ends = (item for item in conditions if item.type in ("Complete", "Failed"))
    return next((item for item in ends if item.status == "True"), None)


def _read_logs(cluster: Cluster, namespace: str, name: str) -> str:
    """The logs of the containers of the job's pods, one after the other."""
    pods = cluster.list_objects(POD, namespace, label_selector=f"job-name={name}")
    return "".join(
        read_log(cluster, pod, status) for pod in pods for status in container_statuses(pod)
    )
