"""Compute on Kubernetes: pods of the packaged workload, which Airflow's tasks create."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from pilothouse.contract import Capability
from pilothouse.targets.kubernetes.components.base import KubernetesComponent
from pilothouse.targets.kubernetes.settings.component_table import WORKLOAD

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.components.foundation import KubernetesFoundation
    from pilothouse.targets.kubernetes.components.storage import KubernetesStorage


class KubernetesCompute(KubernetesComponent):
    """The image in which tasks of the workload run."""

    def __init__(
        self,
        name: str,
        foundation: KubernetesFoundation,
        storage: KubernetesStorage,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, foundation, opts)
        image = foundation.images[WORKLOAD]
        self.publish(
            Capability(
                uri=f"docker://{image}",
                console="",
                environment={"MODEL_NAME": self.plan.name("model")},
                submit={
                    "kind": "pod",
                    "image": image,
                    "namespace": foundation.namespace_name,
                    "serviceAccount": WORKLOAD,
                },
            )
        )
