"""What the registry knows of a target: where its parts are, and what it can and cannot do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pilothouse.naming import LabelRule, NamingRule


@dataclass(frozen=True, kw_only=True)
class Target:
    """A target as data. Each part is named as "module:attribute", so nothing is imported for it.

    settings: the pydantic model of its settings in the stack file.
    foundation: the component on which its capabilities stand.
    storage, compute: the components of these capabilities.
    tracking, orchestration: the component of each engine that the target offers.
    files: reads the files of the project that its settings name, from a plan, where they may name
    any; InvalidInput for what is wrong with them.
    operations: a `pilothouse.targets.interface.Operations`.
    clients: a `pilothouse.services.clients.Clients`; by default that of the open-source services.
    renderer: a `pilothouse.targets.interface.Renderer`, where its objects can be written as files.
    images: the image reference of each role, from a plan, where images run.
    permissions: the policies that a deployer needs, from a plan and its graph.
    costs: what a plan is billed for, as a `pilothouse.cost.charges.CostModel`, from the plan and a
    price book, where that can be said.
    pipeline: how a job of a CI system reaches a stack, as a
    `pilothouse.targets.interface.PipelineAccess`, from a plan, where one can.
    lacks: why the target lacks a feature, by its name in `pilothouse.plan.FEATURES`. The text
    follows the target's name, as in "offers no GPUs".
    naming, labels: the rules of its names, and of its tags or labels.
    plugins: the engine's provider plugins that it uses.
    variables: environment variables of every command of the engine.
    install: the command that installs its SDKs.
    example_settings: what a new stack file says of its settings, as YAML, where some are required.
    """

    settings: str
    foundation: str
    storage: str
    compute: str
    tracking: Mapping[str, str]
    orchestration: Mapping[str, str]
    operations: str
    clients: str = "pilothouse.services.clients:Clients"
    files: str = ""
    renderer: str = ""
    images: str = ""
    permissions: str = ""
    costs: str = ""
    pipeline: str = ""
    lacks: Mapping[str, str] = field(default_factory=dict)
    naming: NamingRule = field(default_factory=NamingRule)
    labels: LabelRule = field(default_factory=LabelRule)
    plugins: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    install: str = "pip install pilothouse"
    example_settings: str = ""

    def parts(self) -> Mapping[str, str]:
        """Every part that the target has, by its name; `tracking.mlflow` where engines differ."""
        plain = ("settings", "foundation", "storage", "compute", "operations", "clients")
        optional = ("files", "renderer", "images", "permissions", "costs", "pipeline")
        found = {name: getattr(self, name) for name in (*plain, *optional)}
        for capability in ("tracking", "orchestration"):
            engines: Mapping[str, str] = getattr(self, capability)
            found |= {f"{capability}.{engine}": part for engine, part in engines.items()}
        return {name: part for name, part in found.items() if part}
