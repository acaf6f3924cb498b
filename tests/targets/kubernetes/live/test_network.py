"""A pod reaches the servers that it needs, and no other."""

from __future__ import annotations

import json

import pytest
from testkit.support.cluster_clients import client_pod
from testkit.support.clusters import ClusterStack
from testkit.support.waiting import eventually

from pilothouse.targets.kubernetes.settings.component_table import (
    ALLOWED_CONNECTIONS,
    COMPONENTS,
    PORTS,
)

pytestmark = [pytest.mark.live, pytest.mark.timeout(1500)]

# Policies take a moment to know a new pod: a server is reached if any of three attempts is.
REACH = """
import json, socket, sys, time
found = {}
for _ in range(3):
    for name, address, port in json.loads(sys.argv[1]):
        try:
            socket.create_connection((address, port), timeout=2).close()
            found[name] = True
        except OSError:
            found.setdefault(name, False)
    time.sleep(2)
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def reached(platform: ClusterStack) -> dict[str, dict[str, bool]]:
    """For each component, which servers a pod with its label reaches."""
    services = {name: _address(platform, name) for name in PORTS}
    for component in COMPONENTS:
        platform.core.create_namespaced_pod(
            platform.namespace,
            client_pod(f"probe-{component}", component, REACH, json.dumps([*services.values()])),
        )
    answers = {component: _answer(platform, component) for component in COMPONENTS}
    for component in COMPONENTS:
        platform.core.delete_namespaced_pod(
            f"probe-{component}", platform.namespace, grace_period_seconds=0
        )
    return answers


def _address(platform: ClusterStack, name: str) -> tuple[str, str, int]:
    service = platform.core.read_namespaced_service(name, platform.namespace)
    return (name, service.spec.cluster_ip, PORTS[name])


def _answer(platform: ClusterStack, component: str) -> dict[str, bool]:
    name, core, namespace = f"probe-{component}", platform.core, platform.namespace

    def ended() -> bool:
        pod = core.read_namespaced_pod(name, namespace)
        return bool(pod.status.phase in ("Succeeded", "Failed"))

    eventually(ended, seconds=120)
    # The client would turn JSON into Python's own notation.
    log = core.read_namespaced_pod_log(name, namespace, _preload_content=False)
    return dict(json.loads(log.data))


@pytest.mark.parametrize("client", COMPONENTS)
def test_a_client_reaches_its_servers_and_no_other(
    reached: dict[str, dict[str, bool]], client: str
) -> None:
    allowed = {server: server in ALLOWED_CONNECTIONS.get(client, ()) for server in PORTS}
    assert reached[client] == allowed
