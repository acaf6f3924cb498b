"""What the cluster's provider would answer."""

from collections.abc import Mapping
from typing import Any

from tests.targets.suite import secrets
from tests.targets.suite.recorder import Outputs

SETTINGS: Mapping[str, Any] = {
    "exposure": {
        "ingress": {"className": "nginx", "tlsSecret": "consoles"},
        "controller": {"namespace": "ingress-nginx"},
    }
}
"""What a stack file must say."""


def _as_given(name: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    return {}


def _claimed(name: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"metadata": {**inputs["metadata"], "uid": f"uid-of-{name}"}}


_KINDS = (
    "apps/v1:Deployment",
    "apps/v1:StatefulSet",
    "autoscaling/v2:HorizontalPodAutoscaler",
    "batch/v1:CronJob",
    "batch/v1:Job",
    "core/v1:ConfigMap",
    "core/v1:LimitRange",
    "core/v1:Namespace",
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
    **{f"kubernetes:{kind}": _as_given for kind in _KINDS},
    "kubernetes:core/v1:PersistentVolumeClaim": _claimed,
    "pulumi-python:dynamic/pilothouse:NamespaceGuard": _as_given,
    "pulumi-python:dynamic/pilothouse:Secrets": secrets.generate,
}
