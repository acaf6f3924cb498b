"""`pilothouse list`: the stacks of a project, with a file or in the state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from pilothouse.config import stack_file
from pilothouse.errors import InvalidInput
from pilothouse.lifecycle.engine.automation import Engine
from pilothouse.lifecycle.engine.damage import StateDamaged
from pilothouse.lifecycle.engine.project import Project
from pilothouse.lifecycle.report import Report
from pilothouse.program.load import STACKS_FOLDER


@dataclass(frozen=True, kw_only=True)
class ListedStack:
    """A stack as the files and the state have it.

    target, platform: as the last `up` had them, else the target of the file; empty if unknown.
    file: the stack's file, empty where it is gone. resources: how many the state has; None where
    it is damaged, and `damage` says how.
    """

    name: str
    target: str
    platform: str
    file: str
    resources: int | None
    damage: str = ""


def run(folder: Path, report: Report) -> None:
    """Report every stack, and how to delete those whose files are gone."""
    listed = list(find(Project.find(folder)))
    table = Table("stack", "target", "platform", "resources", "file", box=None, pad_edge=False)
    for stack in listed:
        table.add_row(
            stack.name,
            stack.target,
            stack.platform,
            "?" if stack.resources is None else str(stack.resources),
            stack.file or "none",
        )
    report.table(table)
    for stack in listed:
        if stack.damage:
            report.say(stack.damage)
        if not stack.file:
            report.say(
                f"{stack.name} is set up and has no file: restore it, "
                f"or delete the stack with `pilothouse down {stack.name}`"
            )
    report.document({"stacks": [vars(stack) for stack in listed]})


def find(project: Project) -> Iterator[ListedStack]:
    """The stacks, by name."""
    files = project.root / STACKS_FOLDER
    with_file = stack_file.names(files)
    project.ensure_state()
    variables = project.variables()
    for name in sorted({*with_file, *Engine.stacks(project, variables)}):
        engine, damage = Engine(project, name, variables), ""
        try:
            state = engine.state_without_secrets()
        except StateDamaged as error:
            state, damage = engine.copied_state(), str(error)
        definition = state.definition or {}
        yield ListedStack(
            name=name,
            target=definition.get("target") or _target_of_file(files, name),
            platform=definition.get("platform", {}).get("name", ""),
            file=str(stack_file.path_of(files, name)) if name in with_file else "",
            resources=None if damage else state.count,
            damage=damage,
        )


def _target_of_file(files: Path, name: str) -> str:
    try:
        return stack_file.load(files, name).target
    except InvalidInput:
        return ""
