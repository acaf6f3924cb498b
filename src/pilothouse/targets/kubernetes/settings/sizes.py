"""What each component asks of a node, and where it is stopped.

Requests are what an idle platform of that size uses, so that the scheduler's sums are true: the
resident memory of one process, its database connections and its page cache. Limits leave room for
a run: memory that is not there kills a container, so limits are about twice the request; a CPU
limit only slows, so it lets start-up, which is all imports, have a core.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Resources:
    """Requested and most, of CPU in thousandths of a core and of memory in MiB."""

    cpu: int
    memory: int
    cpu_limit: int
    memory_limit: int

    def times(self, factor: float) -> "Resources":
        """The same for a larger platform."""
        cpu, memory = round(self.cpu * factor), round(self.memory * factor)
        return Resources(
            cpu, memory, round(self.cpu_limit * factor), round(self.memory_limit * factor)
        )

    def manifest(self) -> dict[str, dict[str, str]]:
        """As a container's `resources`."""
        return {
            "requests": {"cpu": f"{self.cpu}m", "memory": f"{self.memory}Mi"},
            "limits": {"cpu": f"{self.cpu_limit}m", "memory": f"{self.memory_limit}Mi"},
        }


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
    "job": Resources(50, 320, 1000, 1024),
}
"""A small platform: one team's pilot, four tasks at once."""

FACTORS: Mapping[str, float] = {"small": 1.0, "medium": 1.5, "large": 2.5}
"""What a larger platform's tasks, connections and caches add to each component."""

MLFLOW_REPLICAS = 2

TASKS = ("airflow-task", "workload")


def resources(component: str, size: str) -> Resources:
    """What `component` gets on a platform of `size`; one task is the same on every size."""
    usual = SMALL.get(component, SMALL["job"])
    return usual if component in TASKS else usual.times(FACTORS[size])


def storage_gib(size: str) -> int:
    """How large the database's and the store's volumes are, each, in GiB."""
    return {"small": 10, "medium": 50, "large": 200}[size]
