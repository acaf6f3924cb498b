"""The base class of the capabilities of a Kubernetes stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from pilothouse.targets.shared.component import CapabilityComponent

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.components.foundation import KubernetesFoundation


class KubernetesComponent(CapabilityComponent):
    """A capability in the stack's namespace."""

    def __init__(
        self,
        name: str,
        foundation: KubernetesFoundation,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("kubernetes", name, opts)
        self.foundation, self.plan = foundation, foundation.plan
        self.objects = foundation.objects_for(self)
