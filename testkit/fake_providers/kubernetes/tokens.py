"""Pulumi's type tokens as Kubernetes' kinds."""

from __future__ import annotations

from dataclasses import dataclass

CLUSTER_SCOPED = frozenset(
    {
        "APIService", "ClusterRole", "ClusterRoleBinding", "CSIDriver", "CSINode",
        "CustomResourceDefinition", "IngressClass", "MutatingWebhookConfiguration", "Namespace",
        "Node", "PersistentVolume", "PriorityClass", "RuntimeClass", "StorageClass",
        "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration", "VolumeAttachment",
    }
)  # fmt: skip
"""Kinds that are in no namespace, for when the API server cannot be asked."""


class NotModelled(ValueError):
    """Something of the real provider that the double does not have."""


@dataclass(frozen=True)
class Kind:
    """A kind of object, as its group, version and name."""

    group: str
    version: str
    name: str

    @classmethod
    def of(cls, token: str) -> Kind:
        """The kind of a token such as `kubernetes:apps/v1:Deployment`; ValueError if none."""
        package, _, rest = token.partition(":")
        group_version, _, name = rest.partition(":")
        group, _, version = group_version.partition("/")
        if package != "kubernetes" or not (group and version and name):
            raise NotModelled(f"the double does not model {token}")
        if name.endswith(("Patch", "List")) or group in {"helm.sh", "kustomize", "yaml"}:
            raise NotModelled(f"the double does not model {token}")
        return cls("" if group == "core" else group, version, name)

    @property
    def api_version(self) -> str:
        """What stands in `apiVersion`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def sdk_module(self) -> str:
        """The SDK's module with the kind's classes."""
        folder = self.group.partition(".")[0] or "core"
        return f"pulumi_kubernetes.{folder}.{self.version}.{self.name}"


def identifier(namespace: str, name: str) -> str:
    """The id of a resource in Pulumi's state."""
    return f"{namespace}/{name}" if namespace else name


def parts(resource_id: str) -> tuple[str, str]:
    """Namespace (empty if there is none) and name of an id."""
    namespace, _, name = resource_id.rpartition("/")
    return namespace, name
