"""What is in Airflow's image, asked in a pod of the scheduler."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pilothouse.services.airflow.settings import SCHEDULER
from pilothouse.targets.kubernetes.clients import pod_exec
from pilothouse.targets.kubernetes.clients.port_forward import ready_pod

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.clients.cluster import Cluster

_ASK = """
import importlib.metadata as metadata, json, sys
found = {each.name: each.version for each in metadata.distributions() if each.name}
json.dump({"python": "%d.%d" % sys.version_info[:2], "installed": found}, sys.stdout)
"""


@dataclass(frozen=True, kw_only=True)
class Found:
    """The minor version of Python, and the pins of all installed packages."""

    python: str
    installed: Sequence[str]


def look(cluster: Cluster, namespace: str) -> Found:
    """What the image has; PilothouseError where no pod of the scheduler is ready."""
    pod = ready_pod(cluster, namespace, SCHEDULER)
    found = json.loads(pod_exec.output(cluster, namespace, pod, ["python", "-c", _ASK]))
    pins = [f"{name}=={version}" for name, version in found["installed"].items()]
    return Found(python=found["python"], installed=pins)
