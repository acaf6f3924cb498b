"""The pods of a stack on a cluster: when they became ready, what they request and use."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from testkit.cluster.cluster import Cluster
from testkit.cluster.settings import NODE
from testkit.support.clusters import COMPONENT, SERVICES, ClusterStack

from bench.figures import Figure, Goal, table

HEAD = (
    *("Component", "CPU asked", "used", "limit"),
    *("Memory asked", "used", "asked/used", "limit"),
)
SET_UP = ("airflow-setup", "buckets", "mlflow-setup")
REST, SPAN = 60.0, 60.0  # seconds of rest before the processor is watched, and of that
MIB = 2**20
UNITS = {"m": 0.001, "Ki": 2**10, "Mi": MIB, "Gi": 2**30}
WITHIN = Goal(1.3)


@dataclass(frozen=True, kw_only=True)
class Started:
    """A component's last pod: when it was made, and ready or done, in seconds of the clock."""

    component: str
    made: float
    ready: float


def started(stack: ClusterStack) -> list[Started]:
    """Every pod of the stack; for a component with several, the last that got ready."""
    pods = stack.core.list_namespaced_pod(stack.namespace).items
    starts = [
        Started(
            component=pod.metadata.labels[COMPONENT],
            made=pod.metadata.creation_timestamp.timestamp(),
            ready=_ready(pod).timestamp(),
        )
        for pod in pods
        if pod.metadata.labels[COMPONENT] in (*SERVICES, *SET_UP) and pod.status.container_statuses
    ]
    last = {start.component: start for start in sorted(starts, key=lambda start: start.ready)}
    return list(last.values())


def _ready(pod: Any) -> datetime:
    """When a pod became ready, or a job's pod completed."""
    ended = pod.status.container_statuses[0].state.terminated
    conditions = {item.type: item.last_transition_time for item in pod.status.conditions}
    moment: datetime = ended.finished_at if ended else conditions["Ready"]
    return moment


def critical_path(pods: Iterable[Started]) -> list[Started]:
    """The path back from the last pod: before each, the last one that was ready at its creation."""
    left = sorted(pods, key=lambda pod: pod.ready)
    path = [left.pop()]
    while earlier := [pod for pod in left if pod.ready <= path[0].made + 1 and pod not in path]:
        path.insert(0, earlier[-1])
    return path


def path_figures(stack: ClusterStack) -> list[Figure]:
    """The seconds of each component of the critical path, with the wait before it."""
    namespace = stack.core.read_namespace(stack.namespace)
    before = namespace.metadata.creation_timestamp.timestamp()
    figures = []
    for pod in critical_path(started(stack)):
        name = f"critical path: {pod.component}, {pod.made - before:.0f} s until its pod is made"
        figures.append(Figure(name, pod.ready - before, "s"))
        before = pod.ready
    return figures


@dataclass(frozen=True, kw_only=True)
class Use:
    """A component's pods together, in cores and bytes."""

    component: str
    cpu: tuple[float, float, float]
    memory: tuple[float, float, float]

    @property
    def cells(self) -> tuple[str, ...]:
        """The row of a table."""
        cpu = [f"{1000 * value:.0f} m" for value in self.cpu]
        memory = [f"{value / MIB:.0f} MiB" for value in self.memory]
        return (
            self.component,
            *cpu,
            *memory[:2],
            f"{self.memory[0] / self.memory[1]:.2f}",
            memory[2],
        )


def resting(cluster: Cluster, stack: ClusterStack) -> list[Use]:
    """The requests, use at rest and limits of each service: CPU over a minute, working set."""
    time.sleep(REST)
    first, began = _statistics(cluster, stack), time.monotonic()
    time.sleep(SPAN)
    last, seconds = _statistics(cluster, stack), time.monotonic() - began
    return [_use(stack, name, first, last, seconds) for name in SERVICES]


def _use(stack: ClusterStack, name: str, first: Any, last: Any, seconds: float) -> Use:
    pods = [pod for pod in stack.pods() if pod.metadata.labels[COMPONENT] == name]
    names = [pod.metadata.name for pod in pods]
    resources = [pod.spec.containers[0].resources for pod in pods]

    def total(kind: str, name: str) -> float:
        return sum(quantity(getattr(item, kind)[name]) for item in resources)

    spent = sum(last[pod]["cpu"] - first[pod]["cpu"] for pod in names)
    held = sum(last[pod]["memory"] for pod in names)
    return Use(
        component=f"{name} (all {len(pods)})" if len(pods) > 1 else name,
        cpu=(total("requests", "cpu"), spent / seconds, total("limits", "cpu")),
        memory=(total("requests", "memory"), held, total("limits", "memory")),
    )


def _statistics(cluster: Cluster, stack: ClusterStack) -> dict[str, dict[str, float]]:
    """CPU seconds and bytes of each pod, as the kubelet reads them from its cgroup."""
    path = f"/api/v1/nodes/{NODE}/proxy/stats/summary"
    found = json.loads(cluster.kubectl("get", "--raw", path))["pods"]
    return {
        pod["podRef"]["name"]: {
            "cpu": pod["cpu"]["usageCoreNanoSeconds"] / 1e9,
            "memory": pod["memory"]["workingSetBytes"],
        }
        for pod in found
        if pod["podRef"]["namespace"] == stack.namespace and {"cpu", "memory"} <= pod.keys()
    }


def quantity(text: str) -> float:
    """A quantity of Kubernetes as a number."""
    unit = text.lstrip("0123456789.")
    return float(text.removesuffix(unit)) * (UNITS[unit] if unit else 1)


def use_table(uses: Sequence[Use]) -> str:
    """The table of all components."""
    return table([HEAD, *(use.cells for use in uses)])


def use_figures(uses: Sequence[Use]) -> list[Figure]:
    """The total requests of all components against their use."""
    asked, used = (sum(use.memory[kind] for use in uses) for kind in (0, 1))
    worst = max(uses, key=lambda use: use.memory[0] / use.memory[1])
    ratio = worst.memory[0] / worst.memory[1]
    return [
        Figure("memory asked for", asked / MIB, "MiB"),
        Figure("memory used at rest", used / MIB, "MiB"),
        Figure("ratio of memory", asked / used, goal=WITHIN),
        Figure(f"largest ratio of memory: {worst.component}", ratio, goal=WITHIN),
        Figure("CPU asked for", 1000 * sum(use.cpu[0] for use in uses), "m"),
        Figure("CPU used at rest", 1000 * sum(use.cpu[1] for use in uses), "m"),
    ]
