"""Stops the stack of this namespace once its pilot's last day is over in UTC: `expiry LAST-DAY`.

As in a pause, schedules are suspended, Deployments and StatefulSets deleted, and volumes stay. A
stack that an `up` started after that day goes on until the end of the day of that `up`.
"""

import sys
import time
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from kubernetes import client, config

NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
NAME_LABEL, OWN_NAME = "app.kubernetes.io/name", "expiry"
JOBS_END_WITHIN = 900.0  # seconds: a backup, a clean-up
CHECKED_EVERY = 5.0  # seconds


def main() -> None:
    """Look once, and stop everything if the pilot is over."""
    config.load_incluster_config()  # type: ignore[no-untyped-call]
    namespace, expires = NAMESPACE.read_text().strip(), date.fromisoformat(sys.argv[1])
    apps: Any = client.AppsV1Api()
    batch = client.BatchV1Api()
    deployments = apps.list_namespaced_deployment(namespace).items
    sets = apps.list_namespaced_stateful_set(namespace).items
    created = [each.metadata.creation_timestamp for each in (*deployments, *sets)]
    if not is_over(expires, created, datetime.now(UTC).date()):
        say(f"nothing to stop: the last day is {expires}, and {len(created)} services run")
        return
    suspend_schedules(batch, namespace)
    wait_for_jobs(batch, namespace)
    for each in deployments:
        say(f"deleting Deployment {each.metadata.name}")
        apps.delete_namespaced_deployment(
            each.metadata.name, namespace, propagation_policy="Background"
        )
    for each in sets:
        say(f"deleting StatefulSet {each.metadata.name}")
        apps.delete_namespaced_stateful_set(
            each.metadata.name, namespace, propagation_policy="Background"
        )


def is_over(expires: date, created: Iterable[datetime], today: date) -> bool:
    """Whether what was `created` is to be stopped: never where nothing is there."""
    days = [each.astimezone(UTC).date() for each in created]
    return bool(days) and today > max(expires, *days)


def suspend_schedules(batch: Any, namespace: str) -> None:
    """Suspend all CronJobs but that of this job, which looks again on the next day."""
    for each in batch.list_namespaced_cron_job(namespace).items:
        if each.metadata.name != OWN_NAME and not each.spec.suspend:
            say(f"suspending CronJob {each.metadata.name}")
            batch.patch_namespaced_cron_job(
                each.metadata.name, namespace, {"spec": {"suspend": True}}
            )


def wait_for_jobs(batch: Any, namespace: str) -> None:
    """Wait until the others have ended, since some of them call the servers."""
    deadline = time.monotonic() + JOBS_END_WITHIN
    while running := running_jobs(batch, namespace):
        if time.monotonic() > deadline:
            say(f"not waiting any longer for {', '.join(running)}")
            return
        time.sleep(CHECKED_EVERY)


def running_jobs(batch: Any, namespace: str) -> list[str]:
    """The jobs that have pods, but for this one."""
    return [
        each.metadata.name
        for each in batch.list_namespaced_job(namespace).items
        if each.status.active and each.spec.template.metadata.labels[NAME_LABEL] != OWN_NAME
    ]


def say(line: str) -> None:
    """A line of the log."""
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
