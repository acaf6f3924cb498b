"""The stack whose program the engine runs: its plan, its platform, its outputs."""

from datetime import UTC, datetime
from pathlib import Path

import pulumi

from pilothouse.config.stack_file import NAMESPACE
from pilothouse.program.load import definition_of, plan_of_engine
from pilothouse.program.platform import Platform
from pilothouse.program.set_up import is_set_up


def create() -> None:
    """Create the platform with the engine's configuration, and export its contract."""
    config = pulumi.Config(NAMESPACE.removesuffix(":"))  # whatever the project's name is
    plan = plan_of_engine(
        Path(pulumi.runtime.get_root_directory()),
        pulumi.get_stack(),
        target=config.require("target"),
        settings=config.get_object(config.require("target")) or {},
        today=datetime.now(UTC).date(),
        is_set_up=is_set_up,
    )
    platform = Platform(plan.platform.name, plan)
    pulumi.export("tags", dict(plan.tags))
    pulumi.export("definition", definition_of(plan))
    pulumi.export("contract", platform.contract)
    for name, value in platform.flat_outputs.items():
        pulumi.export(name, value)
