"""The component that every target makes of each capability."""

from __future__ import annotations

import pulumi

from pilothouse.contract import Capability


class CapabilityComponent(pulumi.ComponentResource):
    """One capability on its target: the parent of its resources, and what its users get of it."""

    outputs: Capability[pulumi.Input[str]]

    def __init__(self, target: str, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(f"pilothouse:{target}:{name.capitalize()}", name, None, opts)

    def child(self, *needs: pulumi.Resource) -> pulumi.ResourceOptions:
        """The options of a resource of this capability, made after `needs`."""
        return pulumi.ResourceOptions(parent=self, depends_on=list(needs))

    def promise(self, outputs: Capability[pulumi.Input[str]]) -> None:
        """Say what users get, which ends the making of the component."""
        self.outputs = outputs
        self.register_outputs({"uri": outputs.uri})
