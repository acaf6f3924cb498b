"""CPU and memory of each component, by the size of the platform.

Requests are what an idle platform of that size uses, so that the scheduler's sums are true: the
resident memory of one process, its database connections and its page cache. Limits leave room for
a run. A container that exceeds its memory limit is killed, so memory limits are about twice the
request. A CPU limit only slows a container down, so it allows start-up, which is all imports, a
whole core.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pilothouse.config.workload import StepResources
    from pilothouse.targets.kubernetes.settings.pods import ResourceSettings
    from pilothouse.targets.kubernetes.settings.target import KubernetesPlan


@dataclass(frozen=True)
class Resources:
    """Requests and limits: CPU in thousandths of a core, memory in MiB."""

    cpu: int
    memory: int
    cpu_limit: int
    memory_limit: int

    def times(self, factor: float) -> Resources:
        """These resources multiplied by `factor`, rounded."""
        return Resources(
            round(self.cpu * factor),
            round(self.memory * factor),
            round(self.cpu_limit * factor),
            round(self.memory_limit * factor),
        )

    def override(self, settings: ResourceSettings) -> Resources:
        """These resources with those of `settings` in their place.

        A limit that `settings` does not set is never below a request that it sets.
        """
        requests, limits = settings.requests, settings.limits
        cpu, cpu_limit = _override(self.cpu, self.cpu_limit, requests.cpu, limits.cpu)
        memory, memory_limit = _override(
            self.memory, self.memory_limit, requests.memory, limits.memory
        )
        return Resources(cpu, memory, cpu_limit, memory_limit)

    def manifest(self) -> dict[str, dict[str, str]]:
        """The `resources` of a container."""
        return {
            "requests": {"cpu": f"{self.cpu}m", "memory": f"{self.memory}Mi"},
            "limits": {"cpu": f"{self.cpu_limit}m", "memory": f"{self.memory_limit}Mi"},
        }


def _override(
    request: int, limit: int, new_request: int | None, new_limit: int | None
) -> tuple[int, int]:
    requested = new_request or min(request, new_limit or request)
    return requested, new_limit or max(limit, requested)


SMALL: Mapping[str, Resources] = {
    "postgres": Resources(50, 128, 1000, 512),
    "seaweedfs": Resources(30, 72, 1000, 768),
    "mlflow": Resources(30, 480, 1000, 1024),
    "airflow-api-server": Resources(50, 384, 1000, 1024),
    "airflow-scheduler": Resources(100, 480, 1000, 1280),
    "airflow-dag-processor": Resources(50, 336, 1000, 768),
    "airflow-triggerer": Resources(50, 232, 1000, 768),
    "airflow-task": Resources(100, 320, 1000, 768),
    "workload": Resources(200, 512, 1000, 1536),
    "pgbouncer": Resources(10, 32, 500, 128),
    "airflow-statsd": Resources(10, 48, 200, 128),
    "git-sync": Resources(10, 48, 500, 256),
    "packages": Resources(10, 96, 1000, 256),
    "job": Resources(50, 320, 1000, 1024),
}
"""A small platform: the pilot of one team, four tasks at once."""

SIZE_FACTORS: Mapping[str, float] = {"small": 1.0, "medium": 1.5, "large": 2.5}
"""What more tasks, connections and caches of a larger platform add to each component."""

MLFLOW_REPLICAS = 2

TASK_COMPONENTS = ("airflow-task", "workload")


def resources(component: str, size: str) -> Resources:
    """The resources of `component` on a platform of `size`; tasks are the same on every size."""
    small = SMALL.get(component, SMALL["job"])
    return small if component in TASK_COMPONENTS else small.times(SIZE_FACTORS[size])


def step_resources(usual: Resources, asked: StepResources) -> Resources:
    """What a step of the team's workload asks for, and else `usual`.

    Memory is limited to what was asked for; CPU that nobody uses is the step's too, up to the
    usual limit.
    """
    return Resources(
        asked.cpu or usual.cpu,
        asked.memory or usual.memory,
        max(asked.cpu or 0, usual.cpu_limit),
        asked.memory or usual.memory_limit,
    )


def largest(several: Sequence[Resources]) -> Resources:
    """The most of each that one of several asks for."""
    return Resources(
        max(each.cpu for each in several),
        max(each.memory for each in several),
        max(each.cpu_limit for each in several),
        max(each.memory_limit for each in several),
    )


def configured_resources(plan: KubernetesPlan, component: str) -> Resources:
    """The resources of `component` by the platform's size and the stack file."""
    settings = plan.settings.pods_of(component).resources
    return resources(component, plan.size).override(settings)


def volume_gib(size: str) -> int:
    """The size of the database's volume and of the store's, each, in GiB."""
    return {"small": 10, "medium": 50, "large": 200}[size]
