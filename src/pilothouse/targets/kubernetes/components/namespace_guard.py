"""Refuses a namespace of somebody else, also where `pulumi up` runs without the preflight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider

from pilothouse.errors import Refused
from pilothouse.targets.kubernetes.naming import NAMESPACE_REMEDY, has_labels


class NamespaceGuardProvider(ResourceProvider):
    """Looks at the namespace once, before the stack creates it."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Raise Refused if the namespace exists without the labels of the stack."""
        from pilothouse.targets.kubernetes.clients import kinds
        from pilothouse.targets.kubernetes.clients.cluster import Cluster
        from pilothouse.targets.kubernetes.settings.target import KubernetesSettings

        name = props["namespace"]
        found = Cluster(KubernetesSettings(context=props["context"] or None)).get(
            kinds.NAMESPACE, name
        )
        if found is not None and not has_labels(found, props["labels"]):
            raise Refused(
                f"namespace {name} exists and belongs to another stack or owner; {NAMESPACE_REMEDY}"
            )
        return CreateResult(name, props)

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Another namespace or stack is looked at anew; the context may differ by machine."""
        changed = [name for name in ("namespace", "labels") if olds[name] != news[name]]
        return DiffResult(changes=bool(changed), replaces=changed)


class NamespaceGuard(Resource, module="pilothouse", name="NamespaceGuard"):
    """What a namespace that a stack creates depends on; without a `context`, the current one.

    Plugins before 4.29 take over an object that exists, and delete it with the stack.
    """

    def __init__(
        self,
        name: str,
        *,
        namespace: str,
        labels: Mapping[str, str],
        context: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {"namespace": namespace, "labels": dict(labels), "context": context}
        super().__init__(NamespaceGuardProvider(), name, props, opts)
