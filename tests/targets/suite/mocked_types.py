"""What each resource type's provider would answer; a recording knows no other type."""

from collections.abc import Mapping
from typing import Any

from tests.targets.aws import mocked_types
from tests.targets.suite.recorder import Outputs

MARK = "a-recognisable-secret"
"""Every secret that a mocked provider makes has it in its value."""


def _nothing(name: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"drift": ""}


def _secrets(name: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    values = {key: f"{MARK}-{name}-{key}" for key in inputs["kinds"]}
    return {"drift": "", "revision": "1", "values": values}


def _as_given(name: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    return {}


def _claimed(name: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"metadata": {**inputs["metadata"], "uid": f"uid-of-{name}"}}


def _started(name: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"drift": "", "started": 1.0}


def _revision(name: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"drift": "", "revision": 1.0}


_LOCAL = "pulumi-python:dynamic/pilothouse"
_KUBERNETES = (
    "apps/v1:Deployment",
    "apps/v1:StatefulSet",
    "autoscaling/v2:HorizontalPodAutoscaler",
    "batch/v1:CronJob",
    "batch/v1:Job",
    "core/v1:ConfigMap",
    "core/v1:LimitRange",
    "core/v1:Namespace",
    "core/v1:PersistentVolumeClaim",
    "core/v1:ResourceQuota",
    "core/v1:Secret",
    "core/v1:Service",
    "core/v1:ServiceAccount",
    "gateway.networking.k8s.io/v1:HTTPRoute",
    "networking.k8s.io/v1:Ingress",
    "networking.k8s.io/v1:NetworkPolicy",
    "policy/v1:PodDisruptionBudget",
    "rbac.authorization.k8s.io/v1:Role",
    "rbac.authorization.k8s.io/v1:RoleBinding",
)

MOCKED: Mapping[str, Outputs] = {
    f"{_LOCAL}:Bucket": _nothing,
    f"{_LOCAL}:Certificates": _nothing,
    f"{_LOCAL}:Environment": _nothing,
    f"{_LOCAL}:Home": _nothing,
    f"{_LOCAL}:Job": _nothing,
    f"{_LOCAL}:MlflowUser": _nothing,
    f"{_LOCAL}:PostgresCluster": _revision,
    f"{_LOCAL}:Ready": _nothing,
    f"{_LOCAL}:Secrets": _secrets,
    f"{_LOCAL}:Service": _started,
    f"{_LOCAL}:Supervisor": _nothing,
    **{f"kubernetes:{kind}": _as_given for kind in _KUBERNETES},
    "kubernetes:core/v1:PersistentVolumeClaim": _claimed,
    **mocked_types.MOCKED,
}
