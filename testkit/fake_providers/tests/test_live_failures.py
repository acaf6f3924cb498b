"""What goes wrong on a real cluster, and what is said about it."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import pytest

from testkit.fake_providers.core.objects import pod_spec, workload
from testkit.fake_providers.kubernetes.tokens import Kind

if TYPE_CHECKING:
    from testkit.fake_providers.core.stacks import Stack

pytestmark = [pytest.mark.live, pytest.mark.long]

DEPLOYMENT = "apps/v1:Deployment"
CONFIG = Kind("", "v1", "ConfigMap")
FROM_SECRET = [{"secretRef": {"name": "absent"}}]
VOLUME = [{"name": "v", "secret": {"secretName": "absent"}}]
MOUNT = [{"name": "v", "mountPath": "/v"}]
HUGE = {"requests": {"cpu": "999"}}
CLAIM = [{"name": "v", "persistentVolumeClaim": {"claimName": "absent"}}]


HOPELESS = {
    "image": (pod_spec(image="registry.invalid/none:1"), "ErrImagePull|ImagePullBackOff"),
    "environment": (pod_spec(envFrom=FROM_SECRET), 'secret "absent" not found'),
    "volume": (pod_spec(volumes=VOLUME, volumeMounts=MOUNT), 'secret "absent" not found'),
    "size": (pod_spec(resources=HUGE), "Insufficient cpu"),
    "claim": (pod_spec(volumes=CLAIM, volumeMounts=MOUNT), 'claim "absent" not found'),
}


@pytest.mark.parametrize("name", HOPELESS)
def test_the_pods_own_reason_is_said_within_a_minute(stack: Stack, name: str) -> None:
    spec, said = HOPELESS[name]
    stack.want(DEPLOYMENT, "main", spec=workload(spec))
    began = time.monotonic()
    output = stack.up(check=False)
    assert time.monotonic() - began < 60
    assert any(part in output for part in said.split("|")), output
    assert "failed to fully initialize or become live" in output
    refreshed = stack.pulumi("refresh", "--yes", "--skip-preview")
    assert "unhealthy state" in refreshed
    stack.want(DEPLOYMENT, "main", spec=workload(pod_spec()))
    assert "1 updated" in stack.up()
    assert stack.is_unchanged("--refresh")


def test_a_full_quota_is_said_and_its_repair_converges(stack: Stack) -> None:
    stack.want("core/v1:ResourceQuota", "small", spec={"hard": {"pods": "0"}})
    after = {"after": ["small"]}
    stack.want(DEPLOYMENT, "main", spec=workload(pod_spec()), entry=after)
    stack.want(
        "apps/v1:StatefulSet", "set", spec=workload(pod_spec(), serviceName="a"), entry=after
    )
    output = stack.up("--continue-on-error", check=False)
    assert output.count("exceeded quota: small") >= 2
    stack.want("core/v1:ResourceQuota", "small", spec={"hard": {"pods": "5"}})
    stack.up()
    assert stack.is_unchanged()


def test_a_failed_job_is_said_and_replaced(stack: Stack) -> None:
    def want(command: str) -> None:
        spec = pod_spec(restart="Never", command=["sh", "-c", command])
        stack.want("batch/v1:Job", "job", spec={"backoffLimit": 0, "template": {"spec": spec}})

    want("echo no database > /dev/termination-log; exit 3")
    output = stack.up(check=False)
    assert "BackoffLimitExceeded" in output
    assert "exit code 3): no database" in output
    want("true")
    assert "1 replaced" in stack.up()
    assert stack.is_unchanged("--refresh")


def test_a_wait_has_the_timeout_of_the_resource(stack: Stack) -> None:
    probe = {"exec": {"command": ["false"]}}
    options = {"timeouts": {"create": "4s"}}
    stack.want(DEPLOYMENT, "main", spec=workload(pod_spec(readinessProbe=probe)), entry=options)
    assert "timed out waiting to be Ready" in stack.up(check=False)
    skipped = {"annotations": {"pulumi.com/skipAwait": "true"}}
    spec = workload(pod_spec(readinessProbe=probe, tty=True))
    stack.want(DEPLOYMENT, "main", spec=spec, metadata=skipped)
    stack.up()
    assert stack.is_unchanged("--refresh")


def test_wrong_inputs_are_refused_before_anything_is_made(stack: Stack) -> None:
    stack.want("core/v1:ConfigMap", "settings", daat={"a": "1"})
    output = stack.pulumi("preview", check=False)
    assert "daat is not a property" in output
    assert stack.cluster.find(Kind("", "v1", "Namespace"), "", stack.namespace) is None


def test_what_the_api_server_refuses_shows_in_the_preview(stack: Stack) -> None:
    stack.up()
    stack.want("core/v1:Service", "main", spec={"ports": [{"port": 99999}]})
    assert "must be between 1 and 65535" in stack.pulumi("preview", check=False)


def test_deletion_waits_for_finalizers(stack: Stack) -> None:
    metadata = {"finalizers": ["pilothouse.test/hold"]}
    options = {"timeouts": {"delete": "2s"}}
    stack.want("core/v1:ConfigMap", "held", data={}, metadata=metadata, entry=options)
    stack.up()
    output = stack.pulumi("destroy", "--yes", "--skip-preview", check=False)
    assert "finalizer pilothouse.test/hold" in output
    operation = {"op": "remove", "path": "/metadata/finalizers"}
    stack.cluster.patch(CONFIG, stack.namespace, "held", [operation])
    assert stack.remove() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_ended_engine_leaves_no_process_and_the_next_run_converges(
    stack: Stack, number: signal.Signals
) -> None:
    probe = {"exec": {"command": ["test", "-e", "/tmp/ready"]}, "periodSeconds": 1}
    slow = ["sh", "-c", "sleep 8; touch /tmp/ready; sleep 3600"]
    stack.want(DEPLOYMENT, "main", spec=workload(pod_spec(command=slow, readinessProbe=probe)))
    stack.settings["upsert_existing_objects"] = True
    engine = stack.start("up", "--yes", "--skip-preview")
    while not stack.live(Kind.of(f"kubernetes:{DEPLOYMENT}"), "main"):
        assert engine.poll() is None
        time.sleep(0.1)
    engine.send_signal(number)
    engine.communicate(timeout=15)
    assert stack.processes_after(5) == []
    if number == signal.SIGKILL:
        stack.pulumi("cancel", "--yes")
        stack.pulumi("refresh", "--yes", "--skip-preview", "--clear-pending-creates")
    stack.up()
    assert stack.is_unchanged("--refresh")
