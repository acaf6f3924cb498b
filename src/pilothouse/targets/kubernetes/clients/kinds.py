"""The kinds of objects that pilothouse reads or writes, as the API serves them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Kind:
    """A kind by its name and its plural, such as NetworkPolicy and networkpolicies."""

    name: str
    plural: str
    api_version: str = "v1"
    namespaced: bool = True

    @property
    def group(self) -> str:
        """The API group; empty for the core group."""
        return self.api_version.rpartition("/")[0]

    @property
    def words(self) -> str:
        """The name as words, such as `network policy`."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", self.name).lower()

    @property
    def resource(self) -> Any:
        """The kind for the dynamic client, which so needs no discovery."""
        from kubernetes.dynamic import Resource

        group, _, version = self.api_version.rpartition("/")
        resource: Any = Resource
        return resource(
            prefix="apis" if group else "api",
            group=group,
            api_version=version,
            kind=self.name,
            name=self.plural,
            namespaced=self.namespaced,
        )


GATEWAY_API = "gateway.networking.k8s.io/v1"

ACCESS_REVIEW = Kind(
    "SelfSubjectAccessReview", "selfsubjectaccessreviews", "authorization.k8s.io/v1", False
)
AUTOSCALER = Kind("HorizontalPodAutoscaler", "horizontalpodautoscalers", "autoscaling/v2")
CONFIG_MAP = Kind("ConfigMap", "configmaps")
CRON_JOB = Kind("CronJob", "cronjobs", "batch/v1")
DEPLOYMENT = Kind("Deployment", "deployments", "apps/v1")
ENDPOINTS = Kind("Endpoints", "endpoints")
EVENT = Kind("Event", "events")
GATEWAY = Kind("Gateway", "gateways", GATEWAY_API)
HTTP_ROUTE = Kind("HTTPRoute", "httproutes", GATEWAY_API)
INGRESS = Kind("Ingress", "ingresses", "networking.k8s.io/v1")
INGRESS_CLASS = Kind("IngressClass", "ingressclasses", "networking.k8s.io/v1", False)
JOB = Kind("Job", "jobs", "batch/v1")
LIMIT_RANGE = Kind("LimitRange", "limitranges")
NAMESPACE = Kind("Namespace", "namespaces", namespaced=False)
NETWORK_POLICY = Kind("NetworkPolicy", "networkpolicies", "networking.k8s.io/v1")
PERSISTENT_VOLUME = Kind("PersistentVolume", "persistentvolumes", namespaced=False)
PERSISTENT_VOLUME_CLAIM = Kind("PersistentVolumeClaim", "persistentvolumeclaims")
POD = Kind("Pod", "pods")
POD_DISRUPTION_BUDGET = Kind("PodDisruptionBudget", "poddisruptionbudgets", "policy/v1")
REPLICA_SET = Kind("ReplicaSet", "replicasets", "apps/v1")
RESOURCE_QUOTA = Kind("ResourceQuota", "resourcequotas")
ROLE = Kind("Role", "roles", "rbac.authorization.k8s.io/v1")
ROLE_BINDING = Kind("RoleBinding", "rolebindings", "rbac.authorization.k8s.io/v1")
SECRET = Kind("Secret", "secrets")
SERVICE = Kind("Service", "services")
SERVICE_ACCOUNT = Kind("ServiceAccount", "serviceaccounts")
STATEFUL_SET = Kind("StatefulSet", "statefulsets", "apps/v1")
STORAGE_CLASS = Kind("StorageClass", "storageclasses", "storage.k8s.io/v1", False)
