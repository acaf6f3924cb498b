"""The life of a stack with the real engine and a real API server.

The double behaves as the official plugin does. Only the double knows what the official one learnt
in its version 4.29, later than the one that the set-up can build: to force a patch, and to refuse
an object that exists.
"""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from testkit.fake_providers.core import plugin
from testkit.fake_providers.core.objects import pod_spec, workload
from testkit.fake_providers.kubernetes.tokens import Kind

if TYPE_CHECKING:
    from testkit.fake_providers.core.stacks import Stack

pytestmark = pytest.mark.live

CONFIG = Kind("", "v1", "ConfigMap")
SECRET = Kind("", "v1", "Secret")
DEPLOYMENT = Kind("apps", "v1", "Deployment")
STATEFUL_SET = Kind("apps", "v1", "StatefulSet")
SERVICE = Kind("", "v1", "Service")
HIDDEN = "tell-this-to-no-one"

ONLY_DOUBLE = pytest.mark.parametrize("plugin_path", [""], indirect=True, ids=["double"])


@pytest.fixture(params=["", pytest.param(None, marks=pytest.mark.long)], ids=["double", "official"])
def plugin_path(request: pytest.FixtureRequest) -> str | None:
    """The double, and the official plugin."""
    path: str | None = request.param
    if path is None and plugin.is_double("kubernetes"):
        pytest.skip("no official plugin: run `make toolchain-kubernetes`")
    return path


def kubectl(stack: Stack, *arguments: str) -> None:
    """What somebody else does to the stack's objects."""
    command = ["kubectl", "--namespace", stack.namespace, *arguments]
    subprocess.run(command, env=stack.environment, check=True, timeout=30, capture_output=True)


def want_all(stack: Stack) -> None:
    """One of each: written in ways that the API server writes otherwise."""
    stack.want("core/v1:ConfigMap", "settings", data={"a": "1"})
    stack.want("core/v1:Secret", "hidden", stringData={"password": HIDDEN})
    stack.want("core/v1:ServiceAccount", "runner", automountServiceAccountToken=False)
    odd = {"hostNetwork": False, "volumes": [{"name": "v", "emptyDir": {}}]}
    limits = {"requests": {"cpu": "0.01", "memory": "16Mi"}, "limits": {"cpu": "1000m"}}
    spec = pod_spec(resources=limits, env=[{"name": "EMPTY", "value": ""}]) | odd
    stack.want("apps/v1:Deployment", "main", spec=workload(spec))
    headless = {"clusterIP": "None", "selector": {"app": "main"}}
    stack.want("core/v1:Service", "headless", spec=headless)
    stack.want(
        "core/v1:Service", "front", spec={"selector": {"app": "main"}, "ports": [{"port": 80}]},
        entry={"outputs": ["spec"]},
    )  # fmt: skip
    stack.want(
        "networking.k8s.io/v1:NetworkPolicy", "closed",
        spec={"podSelector": {}, "policyTypes": ["Ingress"], "ingress": []},
    )  # fmt: skip
    stack.want(
        "rbac.authorization.k8s.io/v1:Role", "reader",
        rules=[{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}],
    )  # fmt: skip


def test_a_stack_lives_and_leaves_nothing(stack: Stack) -> None:
    want_all(stack)
    assert f"{len(stack.objects) + 2} to create" in stack.pulumi("preview")
    stack.up()
    assert stack.is_unchanged()
    assert "created" not in stack.up("--expect-no-changes")
    assert stack.is_unchanged("--refresh")
    stack.pulumi("refresh", "--preview-only", "--expect-no-changes")
    encoded = base64.b64encode(HIDDEN.encode()).decode()
    assert stack.live(SECRET, "hidden")["data"] == {"password": encoded}
    for text in (HIDDEN, encoded):
        assert text not in stack.state()
    assert stack.outputs()["front.spec"]["clusterIP"]
    assert stack.remove() == []


@ONLY_DOUBLE
def test_drift_is_seen_and_healed(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack(enable_patch_force=True)
    stack.want("core/v1:ConfigMap", "settings", data={"a": "1"})
    stack.want("core/v1:ConfigMap", "deleted", data={"a": "1"})
    stack.want("apps/v1:Deployment", "main", spec=workload(pod_spec()))
    stack.up()
    kubectl(stack, "scale", "deployment/main", "--replicas=2")
    kubectl(stack, "patch", "configmap/settings", '--patch={"data":{"a":"2"}}')
    kubectl(stack, "label", "namespace", stack.namespace, "purpose=other", "--overwrite")
    kubectl(stack, "delete", "configmap/deleted")
    assert stack.is_unchanged(), "without a refresh nothing is seen"
    seen = stack.pulumi("refresh", "--preview-only", "--diff", "--expect-no-changes", check=False)
    for line in ("replicas: 1 => 2", 'a: "1" => "2"', 'purpose: "test" => "other"'):
        assert line in seen
    assert "1 to delete" in seen
    stack.up("--refresh")
    assert stack.is_unchanged("--refresh")
    assert stack.live(CONFIG, "settings")["data"] == {"a": "1"}
    assert stack.live(DEPLOYMENT, "main")["spec"]["replicas"] == 1


@ONLY_DOUBLE
def test_what_somebody_else_manages_is_a_conflict_unless_forced(stack: Stack) -> None:
    stack.want("apps/v1:Deployment", "main", spec=workload(pod_spec()))
    stack.up()
    kubectl(stack, "scale", "deployment/main", "--replicas=2")
    said = stack.up("--refresh", check=False)
    assert 'conflict with "kubectl" with subresource "scale"' in said
    assert ".spec.replicas" in said
    stack.settings["enable_patch_force"] = True
    stack.up()
    assert stack.live(DEPLOYMENT, "main")["spec"]["replicas"] == 1


def test_an_edit_with_kubectl_is_taken_over(stack: Stack) -> None:
    stack.want("core/v1:ServiceAccount", "runner", automountServiceAccountToken=False)
    stack.up()
    kubectl(
        stack, "patch", "serviceaccount/runner", '--patch={"automountServiceAccountToken":true}'
    )
    stack.up("--refresh")
    live = stack.live(Kind("", "v1", "ServiceAccount"), "runner")
    assert live["automountServiceAccountToken"] is False


def test_some_changes_are_made_in_place_and_some_replace(stack: Stack) -> None:
    stack.want("core/v1:ConfigMap", "settings", data={"a": "1"})
    stack.want("core/v1:ConfigMap", "labelled", data={"a": "1"}, metadata={"labels": {"x": "1"}})
    stack.want("apps/v1:Deployment", "main", spec=workload(pod_spec()))
    stack.up()
    before = {name: uid(stack, kind, name) for kind, name in KEPT}
    stack.want("core/v1:ConfigMap", "settings", data={"a": "2", "b": "3"})
    stack.want("core/v1:ConfigMap", "labelled", data={"a": "1"})
    stack.want("apps/v1:Deployment", "main", spec=workload(pod_spec(tty=True)))
    shown = stack.pulumi("preview", "--diff")
    assert "1 to replace" in shown
    assert "2 to update" in shown
    stack.up()
    assert stack.is_unchanged()
    after = {name: uid(stack, kind, name) for kind, name in KEPT}
    assert {name for name in before if before[name] != after[name]} == {"settings"}
    assert "labels" not in stack.live(CONFIG, "labelled")["metadata"], "what is not asked for goes"


KEPT = [(CONFIG, "settings"), (CONFIG, "labelled"), (DEPLOYMENT, "main")]


def uid(stack: Stack, kind: Kind, name: str) -> str:
    return str(stack.live(kind, name)["metadata"]["uid"])


def test_data_is_changed_in_place_where_it_is_allowed(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack(enable_config_map_mutable=True, enable_secret_mutable=True)
    stack.want("core/v1:ConfigMap", "settings", data={"a": "1"})
    stack.want("core/v1:Secret", "hidden", stringData={"password": HIDDEN})
    stack.up()
    stack.want("core/v1:ConfigMap", "settings", data={"a": "2"})
    stack.want("core/v1:Secret", "hidden", stringData={"password": "another"})
    assert "2 updated" in stack.up()
    assert stack.is_unchanged()


@ONLY_DOUBLE
def test_an_object_that_is_there_is_not_taken_unless_told(stack: Stack) -> None:
    stack.up()
    kubectl(stack, "create", "configmap", "settings", "--from-literal=a=0")
    stack.want("core/v1:ConfigMap", "settings", data={"b": "1"})
    assert "already exists" in stack.up(check=False)
    stack.settings["upsert_existing_objects"] = True
    stack.up()
    assert stack.live(CONFIG, "settings")["data"] == {"a": "0", "b": "1"}


def test_an_import_takes_over_what_is_there(stack: Stack) -> None:
    stack.up()
    spec = workload(pod_spec())
    metadata = {"name": "main", "labels": {"of": "somebody"}}
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}
    live = stack.cluster.create(DEPLOYMENT, stack.namespace, body, field_manager="somebody")
    options = {"options": {"import_": f"{stack.namespace}/main"}}
    stack.want("apps/v1:Deployment", "main", spec=spec, entry=options, metadata=metadata)
    assert "1 imported" in stack.up()
    assert stack.is_unchanged()
    assert uid(stack, DEPLOYMENT, "main") == live["metadata"]["uid"]


def test_a_stateful_set_gets_its_volume(stack: Stack) -> None:
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}}
    templates = [{"metadata": {"name": "data"}, "spec": claim}]
    more: dict[str, Any] = {"serviceName": "main", "volumeClaimTemplates": templates}
    spec = pod_spec(volumeMounts=[{"name": "data", "mountPath": "/data"}])
    stack.want("apps/v1:StatefulSet", "main", spec=workload(spec, **more))
    stack.up()
    assert stack.live(STATEFUL_SET, "main")["status"]["readyReplicas"] == 1
    assert stack.is_unchanged("--refresh")
    more["serviceName"] = "other"
    stack.want("apps/v1:StatefulSet", "main", spec=workload(spec, **more))
    assert "1 replaced" in stack.up()
