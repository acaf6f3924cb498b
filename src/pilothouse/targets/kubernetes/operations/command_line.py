"""The services' own command lines in the cluster, in a ready pod of the service."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pilothouse.services.airflow.settings import SCHEDULER
from pilothouse.targets.kubernetes.clients.cluster import Cluster
from pilothouse.targets.kubernetes.clients.kinds import POD
from pilothouse.targets.kubernetes.clients.port_forward import ready_pod
from pilothouse.targets.kubernetes.settings.component_table import MLFLOW, PORTS

if TYPE_CHECKING:
    from pilothouse.contract import Contract

PODS: Mapping[str, str] = {"airflow": SCHEDULER, "mlflow": MLFLOW}
POLL = 1.0  # seconds
# Secrets are handed over by the input: arguments are in the log of the cluster's API.
_READ = (
    "sh",
    "-c",
    'while read -r line && [ -n "$line" ]; do export "$line"; done; exec "$@" </dev/null',
    "sh",
)


def run(
    cluster: Cluster, namespace: str, contract: Contract, program: str, arguments: Sequence[str]
) -> int:
    """Run the program in a pod of its service; its exit code. What it says goes to this process."""
    pod = ready_pod(cluster, namespace, PODS[program])
    words = [program, *arguments]
    if program == "airflow":
        return _execute(cluster, namespace, pod, _with_secrets(cluster, namespace, pod, words), {})
    return _execute(cluster, namespace, pod, [*_READ, *words], _client_variables(contract))


def _with_secrets(cluster: Cluster, namespace: str, pod: str, words: list[str]) -> list[str]:
    """The words after those by which the pod's own command gets its secrets as variables."""
    found: Any = cluster.get(POD, pod, namespace)
    command = list(found.spec.containers[0].command)
    return [*command[: command.index(words[0])], *words]


def _client_variables(contract: Contract) -> Mapping[str, str]:
    tracking = contract.tracking
    address = f"http://127.0.0.1:{PORTS[MLFLOW]}"
    return {**tracking.environment, **tracking.secrets, "MLFLOW_TRACKING_URI": address}


def _execute(
    cluster: Cluster, namespace: str, pod: str, words: list[str], variables: Mapping[str, str]
) -> int:
    """Execute `words`, which read the variables first where there are any."""
    from kubernetes.client import CoreV1Api
    from kubernetes.stream import stream

    # Upgrading a connection changes its client, so this one has its own.
    api = CoreV1Api(Cluster(cluster.settings).client)
    opened = stream(
        api.connect_get_namespaced_pod_exec,
        pod,
        namespace,
        command=words,
        stdout=True,
        stderr=True,
        stdin=bool(variables),
        tty=False,
        _preload_content=False,
    )
    try:
        if variables:
            lines = [f"{name}={value}" for name, value in variables.items()]
            opened.write_stdin("\n".join([*lines, "", ""]))
        while opened.is_open():
            opened.update(timeout=POLL)
            sys.stdout.write(opened.read_stdout(timeout=0) or "")
            sys.stderr.write(opened.read_stderr(timeout=0) or "")
            sys.stdout.flush()
        return int(opened.returncode or 0)
    finally:
        opened.close()
