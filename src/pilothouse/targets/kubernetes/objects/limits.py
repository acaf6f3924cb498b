"""The ResourceQuota and the LimitRange of a stack's namespace."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pilothouse.services.airflow.settings import API_SERVER
from pilothouse.targets.kubernetes.objects.sizing import (
    MLFLOW_REPLICAS,
    SMALL,
    TASK_COMPONENTS,
    Resources,
    configured_resources,
    largest,
    step_resources,
)
from pilothouse.targets.kubernetes.settings.component_table import GIT_SYNC, MLFLOW, WORKLOAD

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.settings.target import KubernetesPlan


def quota(plan: KubernetesPlan) -> dict[str, str]:
    """The `hard` limits: room for every component during a rolling update, and for all tasks."""
    counts = _pod_counts(plan)
    total = [(_most_resources(plan, name), count) for name, count in counts.items()]
    return {
        "requests.cpu": f"{sum(pod.cpu * count for pod, count in total)}m",
        "requests.memory": f"{sum(pod.memory * count for pod, count in total)}Mi",
        "limits.cpu": f"{sum(pod.cpu_limit * count for pod, count in total)}m",
        "limits.memory": f"{sum(pod.memory_limit * count for pod, count in total)}Mi",
        "pods": str(sum(counts.values())),
        "services.loadbalancers": "0",
        "services.nodeports": "0",
    }


def _most_resources(plan: KubernetesPlan, component: str) -> Resources:
    """Those of the component; of the workload, those of its largest step where that is larger."""
    usual, team = configured_resources(plan, component), plan.platform.workload
    if component != WORKLOAD or team is None:
        return usual
    return largest([usual, *(step_resources(usual, step.resources) for step in team.steps)])


def _pod_counts(plan: KubernetesPlan) -> dict[str, int]:
    """The most pods that each component may have at once."""
    autoscaling = plan.settings.api_server_autoscaling
    replicas = {
        MLFLOW: MLFLOW_REPLICAS,
        API_SERVER: autoscaling.max_replicas if autoscaling else 1,
    }
    tasks = plan.parallelism + 2
    return {
        name: tasks if name in TASK_COMPONENTS else _during_update(replicas.get(name, 1))
        for name in (*plan.settings.component_names(), GIT_SYNC)
    }


def _during_update(replicas: int) -> int:
    """The most pods of a Deployment during a rolling update: a quarter more, rounded up."""
    return replicas + math.ceil(replicas / 4)


def limit_range() -> dict[str, Any]:
    """The resources of a container that somebody adds without naming any."""
    default = SMALL["job"].manifest()
    container = {
        "type": "Container",
        "defaultRequest": default["requests"],
        "default": default["limits"],
    }
    return {"limits": [container]}
