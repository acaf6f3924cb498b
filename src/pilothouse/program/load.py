"""From the files of a project to the plan of one of its stacks."""

from datetime import date
from pathlib import Path
from typing import Any

from pilothouse import plan, targets
from pilothouse.config import image_lock_file, platform_spec, stack_file
from pilothouse.config.stack_file import StackFile
from pilothouse.plan import Plan

PLATFORM_FILE = "platform.yaml"
STACKS_FOLDER = "stacks"


def plan_of_files(project: Path, stack: str, *, today: date | None) -> Plan[Any]:
    """The plan of `stack` as the files say; `today` is None where an expired pilot will do.

    Raises InvalidInput with every problem of the file that is wrong.
    """
    file = stack_file.load(project / STACKS_FOLDER, stack, targets=targets.registered())
    return _plan(project, file, today)


def plan_of_engine(
    project: Path, stack: str, *, target: str, settings: Any, today: date
) -> Plan[Any]:
    """The plan of `stack` with the configuration that the engine handed over."""
    known = targets.registered()
    file = stack_file.from_engine(project / STACKS_FOLDER, stack, target, settings, targets=known)
    return _plan(project, file, today)


def _plan(project: Path, file: StackFile, today: date | None) -> Plan[Any]:
    platform = platform_spec.load(project / PLATFORM_FILE, today=today)
    target = targets.registered()[file.target]
    return plan.make(
        platform,
        project=project,
        stack=file.stack,
        target=file.target,
        lacks=target.lacks,
        naming=target.naming,
        labels=target.labels,
        locked_images=image_lock_file.read(project / STACKS_FOLDER, file.stack),
        settings=stack_file.parse_settings(
            file, targets.load(file.target, "settings"), context={"platform": platform}
        ),
    )
