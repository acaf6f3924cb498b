"""`pilothouse init`: a new project, and what to do next in it."""

from __future__ import annotations

import shlex
from pathlib import Path

from pilothouse import targets
from pilothouse.lifecycle.new_project import files
from pilothouse.lifecycle.new_project.answers import Answers
from pilothouse.lifecycle.report import Report


def run(folder: Path, answers: Answers, report: Report) -> None:
    """Write the project's files, and report them and the next steps.

    Raises Refused, with nothing written, where a file is in the way or cannot be made.
    """
    made = files.of_project(answers)
    files.write(folder, made)
    named, steps = [str(path) for path in made], _next_steps(folder, answers)
    report.say(f"made the project {answers.name} in {folder.resolve()}: {', '.join(named)}")
    report.say("\n".join(["next:", *(f"  {step}" for step in steps)]))
    report.document({"folder": str(folder.resolve()), "files": named, "next": steps})


def _next_steps(folder: Path, answers: Answers) -> list[str]:
    """Shell commands, and as comments what to edit before."""
    known = targets.registered()
    edited = [files.stack_path(name) for name in answers.targets if known[name].example_settings]
    return [
        *([] if folder.samefile(Path()) else [f"cd {shlex.quote(str(folder))}"]),
        *(f"# put your own values into {path}" for path in edited),
        "pilothouse setup",
        f"pilothouse up {answers.targets[0]}",
    ]
