"""Which changes replace an object: the table of pulumi-kubernetes 4.34 (`forceNewProperties`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from testkit.fake_providers.core.changes import MISSING, Change
from testkit.fake_providers.kubernetes.tokens import Kind

_IDENTITY = ("metadata.name", "metadata.namespace")
_CONTAINER = (
    "args", "command", "env", "image", "imagePullPolicy", "lifecycle", "livenessProbe", "ports",
    "readinessProbe", "resources", "securityContext", "stdin", "stdinOnce",
    "terminationMessagePath", "terminationMessagePolicy", "tty", "volumeDevices", "volumeMounts",
    "workingDir",
)  # fmt: skip
_POD = (
    "affinity", "automountServiceAccountToken", "dnsConfig", "dnsPolicy", "enableServiceLinks",
    "hostAliases", "hostIPC", "hostNetwork", "hostPID", "hostname", "imagePullSecrets", "nodeName",
    "nodeSelector", "overhead", "preemptionPolicy", "priority", "priorityClassName",
    "readinessGates", "restartPolicy", "runtimeClassName", "schedulerName", "securityContext",
    "serviceAccount", "serviceAccountName", "shareProcessNamespace", "subdomain",
    "terminationGracePeriodSeconds", "volumes",
)  # fmt: skip
_VOLUME_SOURCES = (
    "awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "fc", "flexVolume",
    "flocker", "gcePersistentDisk", "glusterfs", "hostPath", "iscsi", "local", "nfs",
    "photonPersistentDisk", "portworxVolume", "quobyte", "rbd", "scaleIO", "storageos",
    "vsphereVolume",
)  # fmt: skip


def _spec(*names: str) -> tuple[str, ...]:
    return tuple(f"spec.{name}" for name in names)


_TABLE: dict[tuple[str, str], tuple[str, ...]] = {
    ("apps", "DaemonSet"): _spec("selector"),
    ("apps", "Deployment"): _spec("selector"),
    ("apps", "StatefulSet"): _spec(
        "podManagementPolicy", "revisionHistoryLimit", "selector", "serviceName",
        "volumeClaimTemplates",
    ),
    ("batch", "Job"): _spec("completions", "parallelism", "selector", "template"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): ("roleRef",),
    ("rbac.authorization.k8s.io", "RoleBinding"): ("roleRef",),
    ("storage.k8s.io", "StorageClass"): ("parameters", "provisioner"),
    ("", "PersistentVolume"): _spec(*_VOLUME_SOURCES),
    ("", "PersistentVolumeClaim"): _spec(
        "accessModes", "selector", "storageClassName", "volumeName"
    ),
    ("", "Pod"): _spec(
        *_POD,
        *(f"containers.{name}" for name in _CONTAINER),
        *(f"initContainers.{name}" for name in _CONTAINER),
    ),
    ("", "ResourceQuota"): _spec("scopes"),
    ("", "Secret"): ("type",),
    ("", "Service"): _spec("clusterIP"),
}  # fmt: skip


@dataclass(frozen=True)
class Mutable:
    """Which data the provider may change in place; by default it replaces the whole object."""

    secrets: bool = False
    config_maps: bool = False


def replacing(
    kind: Kind, news: dict[str, Any], found: Iterable[Change], mutable: Mutable
) -> list[Change]:
    """The changes that need a new object."""
    properties = [name.split(".") for name in (*_IDENTITY, *_properties(kind, news, mutable))]
    return [change for change in found if any(_touches(change, prop) for prop in properties)]


def _properties(kind: Kind, news: dict[str, Any], mutable: Mutable) -> tuple[str, ...]:
    fixed = _TABLE.get((kind.group, kind.name), ())
    core = (kind.name, kind.group) if not kind.group else ()
    frozen = news.get("immutable") is True
    if core == ("Secret", "") and (frozen or not mutable.secrets):
        return (*fixed, "data", "stringData")
    if core == ("ConfigMap", "") and (frozen or not mutable.config_maps):
        return (*fixed, "data", "binaryData")
    return fixed


def _touches(change: Change, prop: list[str]) -> bool:
    """Whether a change is at or below a property, or brings one in with what is above it."""
    names = [step for step in change.path if isinstance(step, str)]
    shared = min(len(names), len(prop))
    if names[:shared] != prop[:shared]:
        return False
    return len(names) >= len(prop) or _contains(change.value, prop[len(names) :])


def _contains(value: Any, names: list[str]) -> bool:
    if isinstance(value, list):
        return any(_contains(item, names) for item in value)
    if not names:
        return value is not MISSING
    return isinstance(value, dict) and names[0] in value and _contains(value[names[0]], names[1:])
