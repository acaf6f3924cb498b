"""Jobs that are made of a CronJob's template, for once, and waited for."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pilothouse.errors import PilothouseError
from pilothouse.targets.kubernetes.clients.pod_status import containers_of
from pilothouse.targets.kubernetes.objects.network_policies import NAME

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.clients.cluster import Cluster

SHOWN_LINES = 20
REMOVED_WITHIN = 60.0  # seconds
Spec = dict[str, Any]


def run(
    cluster: Cluster,
    namespace: str,
    cron_job: str,
    change: Callable[[Spec], None],
    *,
    seconds: float,
) -> str:
    """Run a Job of `cron_job` once, with its pod's spec changed; what its container wrote.

    Nothing of it is left, nor of one that a killed run began. PilothouseError if it fails or takes
    longer than `seconds`.
    """
    _remove_earlier(cluster, namespace, cron_job)
    name = f"{cron_job}-{secrets.token_hex(4)}"
    body = _job(cluster, namespace, cron_job, name)
    change(body["spec"]["template"]["spec"])
    cluster.find(cluster.batch.create_namespaced_job, namespace, body)
    try:
        failure = _ended(cluster, namespace, name, seconds)
        written = _written(cluster, namespace, name)
    finally:
        cluster.find(
            cluster.batch.delete_namespaced_job, name, namespace, propagation_policy="Foreground"
        )
    if failure:
        tail = "\n".join(written.splitlines()[-SHOWN_LINES:])
        raise PilothouseError(f"job {name} of {namespace} {failure}\n{tail}".strip())
    return written


def _remove_earlier(cluster: Cluster, namespace: str, cron_job: str) -> None:
    """Delete the Jobs that were made of this CronJob by hand, and wait for their end."""
    batch, chosen = cluster.batch, f"{NAME}={cron_job}"
    deadline = time.monotonic() + REMOVED_WITHIN
    while left := [
        each.metadata.name
        for each in cluster.listed(batch.list_namespaced_job, namespace, label_selector=chosen)
        if not each.metadata.owner_references
    ]:
        if time.monotonic() > deadline:
            raise PilothouseError(f"an earlier job does not end: {', '.join(left)}")
        for name in left:
            cluster.find(
                batch.delete_namespaced_job, name, namespace, propagation_policy="Foreground"
            )
        time.sleep(1.0)


def _job(cluster: Cluster, namespace: str, cron_job: str, name: str) -> dict[str, Any]:
    found = cluster.find(cluster.batch.read_namespaced_cron_job, cron_job, namespace)
    if found is None:
        raise PilothouseError(f"no CronJob {cron_job} in namespace {namespace}: bring the stack up")
    spec = cluster.client.sanitize_for_serialization(found.spec.job_template.spec)
    metadata = {"name": name, "labels": found.metadata.labels}
    return {"metadata": metadata, "spec": {**spec, "backoffLimit": 0}}


def _ended(cluster: Cluster, namespace: str, name: str, seconds: float) -> str:
    """Why the job is no success; empty if it is one."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = cluster.find(cluster.batch.read_namespaced_job, name, namespace)
        if found is None:
            return "was removed before its end, or the namespace was"
        if ended := _end(found):
            return "" if ended.type == "Complete" else f"failed: {ended.message}"
        time.sleep(1.0)
    return f"has not ended within {seconds:.0f} s"


def has_ended(job: Any) -> bool:
    """Whether a job, as the API tells of it, makes no pod any more."""
    return _end(job) is not None


def _end(job: Any) -> Any:
    """The condition that a job has ended with; None while it goes on."""
    conditions = (job.status.conditions if job.status else None) or ()
    ends = (each for each in conditions if each.type in ("Complete", "Failed"))
    return next((each for each in ends if each.status == "True"), None)


def _written(cluster: Cluster, namespace: str, name: str) -> str:
    """The logs of the containers of the job's pod, one after the other."""
    list_pods = cluster.core.list_namespaced_pod
    pods = cluster.listed(list_pods, namespace, label_selector=f"job-name={name}")
    return "".join(log(cluster, pod, status) for pod in pods for status in containers_of(pod))


def log(cluster: Cluster, pod: Any, status: Any, **options: Any) -> str:
    """A container's log, or why it has none."""
    if waiting := status.state.waiting:
        return f"{status.name}: {waiting.reason} {waiting.message or ''}\n"
    # The client would turn JSON into Python's own notation.
    answer = cluster.find(
        cluster.core.read_namespaced_pod_log,
        pod.metadata.name,
        pod.metadata.namespace,
        container=status.name,
        _preload_content=False,
        **options,
    )
    return answer.data.decode(errors="replace") if answer else ""
