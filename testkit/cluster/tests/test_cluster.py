"""The cluster is a real one: restricted pods, names, policies, and no way out."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from string import Template

import pytest

from testkit.cluster import machine, settings
from testkit.cluster.cluster import Cluster

pytestmark = pytest.mark.live

NAMESPACE = "test-of-cluster"
_PATIENCE = 10  # seconds until a policy or a name is known everywhere
_NAMESPACE = f"""
apiVersion: v1
kind: Namespace
metadata: {{name: {NAMESPACE}, labels: {{pod-security.kubernetes.io/enforce: restricted}}}}
"""
_POD = Template("""
apiVersion: v1
kind: Pod
metadata: {name: $name, labels: {app: $name}}
spec:
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: 0
  securityContext:
    {runAsNonRoot: true, runAsUser: $user, runAsGroup: 0, seccompProfile: {type: RuntimeDefault}}
  containers:
  - name: main
    image: $image
    imagePullPolicy: Never
    command: [python3, -m, http.server, "8000", --directory, /opt]
    readinessProbe: {tcpSocket: {port: 8000}, periodSeconds: 1}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities: {drop: [ALL]}
---
apiVersion: v1
kind: Service
metadata: {name: $name}
spec: {selector: {app: $name}, ports: [{port: 80, targetPort: 8000}]}
---
""")
_POLICY = Template("""
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: $name}
spec: {podSelector: {}, policyTypes: [Ingress], ingress: $ingress}
""")
_CONNECT = """
import socket, sys
socket.create_connection((sys.argv[1], int(sys.argv[2])), 2).close()
"""


@pytest.fixture(scope="module")
def space(cluster: Cluster) -> Iterator[Cluster]:
    """A namespace for restricted pods in which `server` and `client` run."""
    cluster.kubectl("apply", "-f", "-", given=_NAMESPACE)
    pods = [_pod("server", user=10001), _pod("client", user=50000)]
    inside(cluster, "apply", "-f", "-", given="".join(pods))
    inside(cluster, "wait", "--for=condition=Ready", "pod/server", "pod/client", "--timeout=60s")
    yield cluster
    cluster.kubectl("delete", "namespace", NAMESPACE)


def _pod(name: str, user: int) -> str:
    return _POD.substitute(name=name, user=user, image=settings.PLATFORM)


def inside(cluster: Cluster, *arguments: str, given: str | None = None) -> str:
    return cluster.kubectl(f"--namespace={NAMESPACE}", *arguments, given=given)


def in_client(cluster: Cluster, *command: str) -> str:
    return inside(cluster, "exec", "client", "--", *command)


def reached(cluster: Cluster, host: str, port: int) -> bool:
    """Whether the client gets a connection."""
    try:
        in_client(cluster, "python3", "-c", _CONNECT, host, str(port))
    except settings.ClusterError:
        return False
    return True


def becomes(cluster: Cluster, *, reachable: bool) -> bool:
    """Whether the server comes to be reachable, or not to be, by its name."""
    deadline = time.monotonic() + _PATIENCE
    while reached(cluster, f"server.{NAMESPACE}.svc", 80) != reachable:
        if time.monotonic() > deadline:
            return False
    return True


def test_the_node_is_ready_and_of_the_version_that_is_pinned(cluster: Cluster) -> None:
    condition = '{.items[*].status.conditions[?(@.type=="Ready")].status}'
    path = f"jsonpath={condition} {{.items[*].status.nodeInfo.kubeletVersion}}"
    assert cluster.kubectl("get", "nodes", "-o", path) == f"True v{settings.KUBERNETES}"


def test_a_pod_of_the_platforms_image_runs_restricted(space: Cluster) -> None:
    assert in_client(space, "id", "-un").strip() == "airflow"
    with pytest.raises(settings.ClusterError, match="Read-only file system"):
        in_client(space, "touch", "/opt/file")


def test_a_pod_that_is_not_restricted_is_refused(space: Cluster) -> None:
    privileged = _pod("privileged", user=10001).replace("drop: [ALL]", "add: [NET_ADMIN]")
    with pytest.raises(settings.ClusterError, match="violates PodSecurity"):
        inside(space, "apply", "-f", "-", given=privileged)


@pytest.mark.parametrize(
    "command",
    ["airflow", "initdb", "mlflow", "pg_dump", "pilothouse-workload", "postgres", "weed"],
)
def test_the_platforms_commands_are_on_path(space: Cluster, command: str) -> None:
    assert in_client(space, "which", command).strip().endswith(f"/{command}")


def test_compiled_python_is_used_as_it_is(space: Cluster) -> None:
    """Compiling anew at each start costs seconds: the root is read-only."""
    said = in_client(space, "sh", "-c", "python -v -c 'import sqlalchemy' 2>&1 | grep sqlalchemy")
    assert "code object from" in said
    assert ".pyc" in said
    assert "stale" not in said


def test_a_service_is_found_by_its_name(space: Cluster) -> None:
    address = inside(space, "get", "service", "server", "-o", "jsonpath={.spec.clusterIP}")
    for name in ("server", f"server.{NAMESPACE}.svc", f"server.{NAMESPACE}.svc.cluster.local"):
        assert in_client(space, "getent", "hosts", name).split()[0] == address
    assert becomes(space, reachable=True)


def test_a_policy_closes_and_another_opens(space: Cluster) -> None:
    assert becomes(space, reachable=True)
    inside(space, "apply", "-f", "-", given=_POLICY.substitute(name="closed", ingress="[]"))
    assert becomes(space, reachable=False)
    opening = "[{from: [{podSelector: {matchLabels: {app: client}}}], ports: [{port: 8000}]}]"
    inside(space, "apply", "-f", "-", given=_POLICY.substitute(name="open", ingress=opening))
    assert becomes(space, reachable=True)


def test_the_api_is_reached_from_a_pod(space: Cluster) -> None:
    assert reached(space, "kubernetes.default.svc", 443)


@pytest.fixture
def running(cluster: Cluster) -> machine.Running:
    """This machine's own cluster, not one that the environment names."""
    found = machine.running()
    if found is None or found.process() is None:
        pytest.skip("another cluster than this machine's own is used")
    return found


def test_the_cluster_has_no_default_route(running: machine.Running) -> None:
    enter = ("nsenter", "--target", str(running.init), "--net")
    done = subprocess.run([*enter, "ip", "route"], capture_output=True, text=True, check=True)
    routes = done.stdout.splitlines()
    assert routes
    assert [route for route in routes if not route.startswith("198.19.")] == []


def test_nothing_outside_is_reached_from_a_pod(running: machine.Running, space: Cluster) -> None:
    """The node itself answers that it has no way to an address, here one for documentation."""
    with pytest.raises(settings.ClusterError, match=r"No route to host|Network is unreachable"):
        in_client(space, "python3", "-c", _CONNECT, "192.0.2.1", "53")


def test_the_host_sends_nothing_of_the_cluster_elsewhere(running: machine.Running) -> None:
    found = subprocess.run(
        ["ip", "route", "get", "198.19.16.2"], capture_output=True, text=True, check=False
    )
    assert found.returncode != 0
    assert "Invalid argument" in found.stderr
