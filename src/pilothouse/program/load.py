"""From the files of a project to the plan of one of its stacks."""

from collections.abc import Callable, Mapping
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pilothouse import plan, targets
from pilothouse.config import (
    airflow_requirements,
    image_lock_file,
    platform_spec,
    stack_file,
    team_dags,
    team_objects,
)
from pilothouse.config.platform_spec import Platform
from pilothouse.config.section import Section
from pilothouse.config.stack_file import StackFile
from pilothouse.config.yaml_reader import Document
from pilothouse.plan import Plan

PLATFORM_FILE = "platform.yaml"
STACKS_FOLDER = "stacks"


IsSetUp = Callable[[], bool]
"""Whether a stack is set up; asked only where the pilot is expired."""


def plan_of_files(
    project: Path, stack: str, *, today: date | None, is_set_up: IsSetUp = lambda: False
) -> Plan[Any]:
    """The plan of `stack` as the files say.

    `today` is None where nothing is to be made: then an expired pilot will do, and settings that
    name what is gone. An expired pilot is accepted too where `is_set_up`. Raises InvalidInput with
    every problem of the file that is wrong.
    """
    file = stack_file.load(project / STACKS_FOLDER, stack, targets=targets.registered())
    return _plan(project, file, _load_platform(project, today, is_set_up), today=today)


def plan_of_engine(
    project: Path,
    stack: str,
    *,
    target: str,
    settings: Any,
    today: date,
    is_set_up: IsSetUp = lambda: False,
) -> Plan[Any]:
    """The plan of `stack` with the configuration that the engine handed over.

    An expired pilot is accepted where `is_set_up`: it can be healed, and not made anew.
    """
    known = targets.registered()
    file = stack_file.from_engine(project / STACKS_FOLDER, stack, target, settings, targets=known)
    return _plan(project, file, _load_platform(project, today, is_set_up), today=today)


def definition_of(made: Plan[Any]) -> dict[str, Any]:
    """What a plan was made from, and by which version, as the stack's outputs keep it.

    No secret is in it.
    """
    objects = team_objects.find(made.project, made.platform)
    return {
        "platform": _written(made.platform),
        "target": made.target,
        "settings": _written(made.settings),
        "version": version("pilothouse"),
        **({"objects": objects.name} if objects else {}),
    }


def plan_of_definition(project: Path, stack: str, definition: Mapping[str, Any]) -> Plan[Any]:
    """The plan of which `definition_of` gave that, whatever the files say now.

    Raises InvalidInput where this version does not read it.
    """
    place = Document(file=f"the definition in the state of stack {stack}", data={}, lines={})
    platform = platform_spec.parse_data(definition["platform"], place, today=None)
    file = stack_file.from_engine(
        project / STACKS_FOLDER,
        stack,
        definition["target"],
        definition["settings"],
        targets=targets.registered(),
    )
    return _plan(project, file, platform, today=None)


def check_files(made: Plan[Any]) -> None:
    """Check the other files of the project that the target's settings name.

    Raises InvalidInput with what is wrong with them. The program does so too, in its own process.
    """
    if targets.registered()[made.target].files:
        targets.load(made.target, "files")(made)


def _written(section: Section) -> dict[str, Any]:
    return section.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _load_platform(project: Path, today: date | None, is_set_up: IsSetUp) -> Platform:
    platform = platform_spec.load(project / PLATFORM_FILE, today=None)
    if today is None or (platform.pilot.expires < today and is_set_up()):
        return platform
    return platform_spec.load(project / PLATFORM_FILE, today=today)


def _plan(project: Path, file: StackFile, platform: Platform, *, today: date | None) -> Plan[Any]:
    """The plan; where something is made `today`, what its settings name must exist."""
    context = {"platform": platform, **({"project": project} if today else {})}
    if today:
        team_dags.check(project, platform)
        team_objects.check(project, platform)
        airflow_requirements.check(project, platform)
    target = targets.registered()[file.target]
    made = plan.make(
        platform,
        project=project,
        stack=file.stack,
        target=file.target,
        lacks=target.lacks,
        naming=target.naming,
        labels=target.labels,
        locked_images=image_lock_file.read(project / STACKS_FOLDER, file.stack),
        settings=stack_file.parse_settings(
            file, targets.load(file.target, "settings"), context=context
        ),
    )
    return made.used_on(today) if today else made
