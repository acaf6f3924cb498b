"""Every kind of object that a stack is made of: how the API calls it, and which stacks have it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pilothouse.targets.kubernetes.settings.hosts import GATEWAY_API, ROUTE

if TYPE_CHECKING:
    from pilothouse.plan import Plan


@dataclass(frozen=True)
class Kind:
    """One kind: the API's name and plural of it, the client's class for its API and its group.

    `keeps_data` is true of what stays where data are kept.
    """

    name: str
    plural: str
    api: str
    keeps_data: bool = False

    @property
    def group(self) -> str:
        """The API group; empty for the core one."""
        return GROUPS[self.api]

    @property
    def words(self) -> str:
        """Its name as words, such as `network policy`."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", self.name).lower()


GATEWAY_GROUP, _, GATEWAY_VERSION = GATEWAY_API.partition("/")
CUSTOM = "CustomObjectsApi"
GROUPS = {
    "AppsV1Api": "apps",
    "AutoscalingV2Api": "autoscaling",
    "BatchV1Api": "batch",
    "CoreV1Api": "",
    CUSTOM: GATEWAY_GROUP,
    "NetworkingV1Api": "networking.k8s.io",
    "PolicyV1Api": "policy",
    "RbacAuthorizationV1Api": "rbac.authorization.k8s.io",
}

NAMESPACE = Kind("Namespace", "namespaces", "CoreV1Api", keeps_data=True)
AUTOSCALER = Kind("HorizontalPodAutoscaler", "horizontalpodautoscalers", "AutoscalingV2Api")
INGRESS = Kind("Ingress", "ingresses", "NetworkingV1Api")
HTTP_ROUTE = Kind(ROUTE, "httproutes", CUSTOM)

USUAL = (
    Kind("Deployment", "deployments", "AppsV1Api"),
    Kind("StatefulSet", "statefulsets", "AppsV1Api"),
    Kind("CronJob", "cronjobs", "BatchV1Api"),
    Kind("Job", "jobs", "BatchV1Api"),
    Kind("ConfigMap", "configmaps", "CoreV1Api"),
    Kind("LimitRange", "limitranges", "CoreV1Api"),
    Kind("PersistentVolumeClaim", "persistentvolumeclaims", "CoreV1Api", keeps_data=True),
    Kind("Pod", "pods", "CoreV1Api"),
    Kind("ResourceQuota", "resourcequotas", "CoreV1Api"),
    Kind("Secret", "secrets", "CoreV1Api"),
    Kind("Service", "services", "CoreV1Api"),
    Kind("ServiceAccount", "serviceaccounts", "CoreV1Api"),
    Kind("NetworkPolicy", "networkpolicies", "NetworkingV1Api"),
    Kind("PodDisruptionBudget", "poddisruptionbudgets", "PolicyV1Api"),
    Kind("Role", "roles", "RbacAuthorizationV1Api"),
    Kind("RoleBinding", "rolebindings", "RbacAuthorizationV1Api"),
)
"""What may be in the namespace of any stack."""


def made(plan: Plan) -> list[Kind]:
    """What a stack makes, its namespace first."""
    exposure = plan.settings.exposure if plan.platform.access.host else None
    asked = {
        AUTOSCALER: plan.settings.api_server_autoscaling,
        INGRESS: exposure and exposure.ingress,
        HTTP_ROUTE: exposure and exposure.gateway,
    }
    return [NAMESPACE, *USUAL, *(kind for kind, how in asked.items() if how)]


def swept(plan: Plan) -> list[Kind]:
    """What is looked for in the namespace of a stack, whatever its settings were before.

    Not every cluster has routes, nor lets everybody look for them: only if the settings name a
    Gateway.
    """
    exposure = plan.settings.exposure
    by_route = [HTTP_ROUTE] if exposure and exposure.gateway else []
    return [*USUAL, AUTOSCALER, INGRESS, *by_route]
