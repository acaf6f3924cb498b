"""Compute on this machine: the Python environment of the packaged workload."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from pilothouse.contract import Capability
from pilothouse.services import proof
from pilothouse.targets.shared.component import CapabilityComponent

if TYPE_CHECKING:
    from pilothouse.targets.local.components.foundation import LocalFoundation
    from pilothouse.targets.local.components.storage import LocalStorage


class LocalCompute(CapabilityComponent):
    """The environment in which the orchestrator runs the workload's tasks as processes."""

    def __init__(
        self,
        name: str,
        foundation: LocalFoundation,
        storage: LocalStorage,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("local", name, opts)
        self.environment = foundation.environment("workload", self, proof.SOURCE, proof.LOCK)
        self.command = self.environment.program("bin", "pilothouse-workload")
        self.publish(
            Capability(
                uri=pulumi.Output.concat("file://", self.environment.path),
                console="",
                environment={"MODEL_NAME": foundation.plan.name("model")},
                submit={"kind": "process", "command": self.command},
            )
        )
