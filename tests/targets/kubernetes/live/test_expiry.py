"""The end of a pilot on a real cluster: its CronJob stops the stack, and `resume` starts it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from testkit.support.clusters import ClusterStack, cluster_stack
from testkit.support.waiting import eventually

from pilothouse.targets.kubernetes.settings.component_table import EXPIRY
from tests.targets.kubernetes.live.test_pause import claims
from tests.targets.kubernetes.live.test_team_dags import airflow

if TYPE_CHECKING:
    from testkit.cluster.cluster import Cluster

pytestmark = [pytest.mark.live, pytest.mark.timeout(1500)]

SPACE = "ending"


@pytest.fixture(scope="module")
def pilot(cluster: Cluster) -> Iterator[ClusterStack]:
    with cluster_stack(cluster.kubeconfig, SPACE) as made:
        made.settings()
        made.stack.run("up")
        yield made
        made.stack.run("down", "--yes")


def run_on(pilot: ClusterStack, name: str, now: datetime) -> str:
    """The log of a job of the CronJob that runs at `now`, as its last argument but one has it."""
    template = pilot.batch.read_namespaced_cron_job(EXPIRY, SPACE).spec.job_template
    container = template.spec.template.spec.containers[0]
    container.command = ["python", "-c", MOVED_CLOCK, now.isoformat(), container.command[-1]]
    job: dict[str, Any] = {"metadata": {"name": name}, "spec": template.spec}
    pilot.batch.create_namespaced_job(SPACE, job)
    eventually(lambda: ended(pilot, name), seconds=300)
    (pod,) = pilot.core.list_namespaced_pod(SPACE, label_selector=f"job-name={name}").items
    return str(pilot.core.read_namespaced_pod_log(pod.metadata.name, SPACE))


MOVED_CLOCK = """
import datetime, importlib.util, sys
spec = importlib.util.spec_from_file_location("expiry", "/scripts/expiry.py")
program = importlib.util.module_from_spec(spec)
spec.loader.exec_module(program)
moved = datetime.datetime.fromisoformat(sys.argv.pop(1))
program.datetime = type("Moved", (datetime.datetime,), {"now": staticmethod(lambda zone: moved)})
program.main()
"""
"""Runs the mounted program with the first argument as the time, and the rest as its own."""


def ended(pilot: ClusterStack, name: str) -> bool:
    status = pilot.batch.read_namespaced_job(name, SPACE).status
    assert not status.failed, name
    return bool(status.succeeded)


def test_on_its_last_day_nothing_is_stopped_and_on_the_next_everything_is(
    pilot: ClusterStack,
) -> None:
    assert airflow(pilot, "pools", "set", "kept", "3", "over the end").returncode == 0
    last_day = datetime.fromisoformat(pilot.stack.json("preview")["expires"]).replace(tzinfo=UTC)
    volumes, services = claims(pilot), len(pilot.sets())
    assert "nothing to stop" in run_on(pilot, "last-day", last_day + timedelta(hours=23))
    assert len(pilot.sets()) == services
    said = run_on(pilot, "day-after", last_day + timedelta(days=1, minutes=5))
    assert "deleting StatefulSet" in said
    assert pilot.sets() == []
    eventually(lambda: pilot.pods() == [], seconds=120)
    assert claims(pilot) == volumes
    pilot.stack.run("resume")
    assert airflow(pilot, "pools", "get", "kept").returncode == 0
    assert pilot.stack.json("preview", "--refresh", "--expect-no-changes")
