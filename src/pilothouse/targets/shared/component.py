"""The component that every target makes of each capability, and how each is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

import pulumi

from pilothouse.contract import Capability

if TYPE_CHECKING:
    from pilothouse.plan import Plan

Opts = pulumi.ResourceOptions | None
SettingsT_contra = TypeVar("SettingsT_contra", contravariant=True)
FoundationT_co = TypeVar("FoundationT_co", covariant=True)
FoundationT_contra = TypeVar("FoundationT_contra", contravariant=True)
StorageT_contra = TypeVar("StorageT_contra", contravariant=True)
ComputeT_contra = TypeVar("ComputeT_contra", contravariant=True)
TrackingT_contra = TypeVar("TrackingT_contra", contravariant=True)


class CapabilityComponent(pulumi.ComponentResource):
    """One capability on its target: the parent of its resources, and what its users get of it."""

    outputs: Capability[pulumi.Input[str]]

    def __init__(self, target: str, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(f"pilothouse:{target}:{name.capitalize()}", name, None, opts)

    def child(self, *needs: pulumi.Resource) -> pulumi.ResourceOptions:
        """The options of a resource of this capability, made after `needs`."""
        return pulumi.ResourceOptions(parent=self, depends_on=list(needs))

    def publish(self, outputs: Capability[pulumi.Input[str]]) -> None:
        """Say what users get, which ends the making of the component."""
        self.outputs = outputs
        self.register_outputs({"uri": outputs.uri})


class MakeFoundation(Protocol[SettingsT_contra, FoundationT_co]):
    """Makes what the capabilities of a target stand on."""

    def __call__(
        self, name: str, plan: Plan[SettingsT_contra], /, *, opts: Opts = None
    ) -> FoundationT_co: ...


class MakeStorage(Protocol[FoundationT_contra]):
    """Makes the first capability."""

    def __call__(
        self, name: str, foundation: FoundationT_contra, /, *, opts: Opts = None
    ) -> CapabilityComponent: ...


class MakeCompute(Protocol[FoundationT_contra, StorageT_contra]):
    """Makes the second capability, which may use the one before."""

    def __call__(
        self,
        name: str,
        foundation: FoundationT_contra,
        storage: StorageT_contra,
        /,
        *,
        opts: Opts = None,
    ) -> CapabilityComponent: ...


class MakeTracking(Protocol[FoundationT_contra, StorageT_contra, ComputeT_contra]):
    """Makes the third capability, which may use those before."""

    def __call__(
        self,
        name: str,
        foundation: FoundationT_contra,
        storage: StorageT_contra,
        compute: ComputeT_contra,
        /,
        *,
        opts: Opts = None,
    ) -> CapabilityComponent: ...


class MakeOrchestration(
    Protocol[FoundationT_contra, StorageT_contra, ComputeT_contra, TrackingT_contra]
):
    """Makes the last capability, which may use all the others."""

    def __call__(
        self,
        name: str,
        foundation: FoundationT_contra,
        storage: StorageT_contra,
        compute: ComputeT_contra,
        tracking: TrackingT_contra,
        /,
        *,
        opts: Opts = None,
    ) -> CapabilityComponent: ...
