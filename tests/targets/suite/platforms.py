"""Platform files, the targets that can carry them, and their recorded graphs."""

import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pulumi

from pilothouse import plan, targets
from pilothouse.config import platform_spec
from pilothouse.errors import InvalidInput
from pilothouse.plan import Plan
from pilothouse.program import load
from pilothouse.program.platform import Platform
from tests.targets.suite.mocked_types import MOCKED, SETTINGS
from tests.targets.suite.recorder import Recording, record

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
TODAY = date(2026, 11, 23)
NONE: Mapping[str, Any] = MappingProxyType({})


def project_of(file: Path, folder: Path) -> Path:
    """A project in `folder` whose platform.yaml is a copy of `file`."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(file, folder / load.PLATFORM_FILE)
    return folder


def plan_of(
    project: Path, target: str, stack: str = "local", settings: Mapping[str, Any] = NONE
) -> Plan:
    """The plan of a project's stack on `target`, as the Pulumi program makes it."""
    settings = {**SETTINGS[target], **settings}
    return load.plan_of_engine(project, stack, target=target, settings=settings, today=TODAY)


def refusal(file: Path, target: str) -> str:
    """Why `target` can't carry the platform of `file`, a problem a line; "" if it can."""
    lacks = targets.registered()[target].lacks
    platform = platform_spec.load(file, today=TODAY)
    try:
        plan.make(platform, project=ROOT, stack="local", target=target, lacks=lacks, settings=None)
    except InvalidInput as error:
        return "".join(f"{p.key}: found {p.found}; {p.remedy}\n" for p in error.problems)
    return ""


PAIRS = [(example, target) for example in EXAMPLES for target in sorted(targets.registered())]
CARRIED = [pair for pair in PAIRS if not refusal(*pair)]


def recorded(
    project: Path,
    target: str,
    *,
    stack: str = "local",
    settings: Mapping[str, Any] = NONE,
    preview: bool = False,
) -> Recording:
    """The graph of a project's stack on `target`."""
    planned = plan_of(project, target, stack, settings)

    def program() -> None:
        platform = Platform(planned.platform.name, planned)
        pulumi.export("contract", platform.contract)
        for name, value in platform.flat_outputs.items():
            pulumi.export(name, value)

    return record(program, MOCKED, stack_name=stack, preview=preview)
