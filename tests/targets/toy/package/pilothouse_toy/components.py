"""The four capabilities, each a thing of the cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from pilothouse.contract import Capability, Probe
from pilothouse.targets.shared.component import CapabilityComponent
from pilothouse.targets.shared.protection import protect
from pilothouse_toy.cloud import DATA, Cloud
from pilothouse_toy.resources import Thing

if TYPE_CHECKING:
    from pilothouse.plan import Plan
    from pilothouse_toy.settings import ToySettings

Opts = pulumi.ResourceOptions | None


class ToyFoundation(pulumi.ComponentResource):
    """The cloud's folder."""

    def __init__(self, name: str, plan: Plan[ToySettings], opts: Opts = None) -> None:
        super().__init__("pilothouse:toy:Foundation", name, None, opts)
        self.plan, self.folder = plan, str(Cloud.of(plan).folder)
        self.register_outputs({})

    def make(self, kind: str, parent: CapabilityComponent) -> str:
        """Make the thing of a kind; its name."""
        name = self.plan.name(kind)
        Thing(
            kind,
            folder=self.folder,
            name=name,
            kind=kind,
            labels=self.plan.tags,
            opts=protect(kind, parent.child()) if kind in DATA else parent.child(),
        )
        return name

    def address(self, name: str) -> str:
        """Where a thing is."""
        return f"file://{self.folder}/{name}"


class ToyStorage(CapabilityComponent):
    """A bucket."""

    def __init__(self, name: str, foundation: ToyFoundation, opts: Opts = None) -> None:
        super().__init__("toy", name, opts)
        address = foundation.address(foundation.make("bucket", self))
        if foundation.plan.settings.archive:
            foundation.make("archive", self)
        self.publish(
            Capability(
                uri=address,
                console="",
                environment={"DATA_URI": address},
                probes=[Probe(service="bucket", kind="thing", address=f"{address}.json")],
            )
        )


class ToyCompute(CapabilityComponent):
    """A machine."""

    def __init__(
        self, name: str, foundation: ToyFoundation, _storage: ToyStorage, opts: Opts = None
    ) -> None:
        super().__init__("toy", name, opts)
        self.publish(
            Capability(
                uri=foundation.address(foundation.make("machine", self)),
                console="",
                environment={"MODEL_NAME": foundation.plan.name("model")},
                submit={"kind": "thing"},
            )
        )


class ToyTracking(CapabilityComponent):
    """A register of runs and models."""

    def __init__(
        self,
        name: str,
        foundation: ToyFoundation,
        _storage: ToyStorage,
        _compute: ToyCompute,
        opts: Opts = None,
    ) -> None:
        super().__init__("toy", name, opts)
        address = foundation.address(foundation.make("register", self))
        self.publish(
            Capability(
                uri=address,
                console="",
                environment={"MLFLOW_TRACKING_URI": address},
                secrets={"MLFLOW_TRACKING_PASSWORD": pulumi.Output.secret("hush")},
                probes=[Probe(service="register", kind="thing", address=f"{address}.json")],
            )
        )


class ToyOrchestration(CapabilityComponent):
    """A pipeline, which writes what the workload would."""

    def __init__(
        self,
        name: str,
        foundation: ToyFoundation,
        storage: ToyStorage,
        compute: ToyCompute,
        tracking: ToyTracking,
        opts: Opts = None,
    ) -> None:
        super().__init__("toy", name, opts)
        address = foundation.address(foundation.make("pipeline", self))
        self.publish(
            Capability(
                uri=address,
                console="",
                submit={
                    "kind": "toy-pipeline",
                    "storage": storage.outputs.uri,
                    "tracking": tracking.outputs.uri,
                    "model": compute.outputs.environment["MODEL_NAME"],
                },
                probes=[Probe(service="pipeline", kind="thing", address=f"{address}.json")],
            )
        )
