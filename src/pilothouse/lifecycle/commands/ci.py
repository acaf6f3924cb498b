"""`pilothouse ci`: a pipeline for a CI system, and what people set up for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pilothouse import targets
from pilothouse.config import stack_file
from pilothouse.errors import Refused
from pilothouse.files import write_atomically
from pilothouse.lifecycle.engine.project import Project
from pilothouse.lifecycle.pipelines import pipeline, systems
from pilothouse.lifecycle.pipelines.pipeline import Choices
from pilothouse.lifecycle.report import Report
from pilothouse.lifecycle.stack import open_plan
from pilothouse.plan import Plan
from pilothouse.program.load import STACKS_FOLDER


def run(
    folder: Path,
    system_name: str,
    stacks: Sequence[str],
    choices: Choices,
    report: Report,
    *,
    output: Path | None,
    force: bool,
) -> None:
    """Write the pipeline of these stacks, or of all, and report what is to be set up.

    Raises Refused where another file is in its place and `force` is not given.
    """
    system = systems.find(system_name)
    project = Project.find(folder)
    plans = [open_plan(folder, stack, today=None) for stack in _named(project, stacks)]
    if choices.at_expiry == "pause":
        _check_pause(plans)
    made = pipeline.write(system, plans, choices)
    path = output or project.root / system.file
    changed = _write(path, made.text, force=force)
    named = ", ".join(plan.stack for plan in plans)
    report.say(f"the pipeline of {named} is {'written to' if changed else 'as it was in'} {path}")
    if not output and not (project.root / ".git").exists():
        report.warnings([f"{system.name} reads {system.file} in the root of a repository alone"])
    if made.to_do:
        report.say("\n".join(["to be set up:", *(f"  - {line}" for line in made.to_do)]))
    report.document(
        {
            "file": str(path),
            "changed": changed,
            "stacks": [plan.stack for plan in plans],
            "to_do": made.to_do,
        }
    )


def _named(project: Project, stacks: Sequence[str]) -> list[str]:
    """The stacks, each once; all of the project where none is named."""
    if stacks:
        return list(dict.fromkeys(stacks))
    return stack_file.names(project.root / STACKS_FOLDER) or [project.stack(None)]


def _check_pause(plans: Sequence[Plan[Any]]) -> None:
    for plan in plans:
        if reason := targets.load(plan.target, "operations").no_pause:
            raise Refused(f"stack {plan.stack} cannot be paused at its expiry: {reason}")


def _write(path: Path, text: str, *, force: bool) -> bool:
    """Whether the file was written: not where it has this text already."""
    try:
        if path.exists():
            if path.read_text(encoding="utf-8", errors="replace") == text:
                return False
            if not force:
                raise Refused(
                    f"{path} exists already and is another one; nothing was written: pass --force "
                    "to replace it, or --output to write another file"
                )
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text)
    except OSError as error:
        message = f"nothing was written: {error.filename or path}: {error.strerror}"
        raise Refused(f"{message}; name a file that can be made with --output") from error
    return True
