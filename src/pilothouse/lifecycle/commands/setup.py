"""`pilothouse setup`: the tools and the environment of a project, by the tool chain's recipe."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from pilothouse import targets
from pilothouse.config import stack_file
from pilothouse.errors import PilothouseError
from pilothouse.lifecycle import installation
from pilothouse.lifecycle.engine.project import TOOLS_FOLDER, Project
from pilothouse.lifecycle.new_project import files
from pilothouse.lifecycle.report import Report
from pilothouse.program.load import STACKS_FOLDER

_END = "setup: "  # with which the recipe's last message begins


def run(folder: Path, report: Report) -> None:
    """Install what the stacks of a project need, where it is missing, into the project's folder.

    Raises InvalidInput for wrong stack files, and PilothouseError where a step fails.
    """
    project = Project.find(folder)
    files.link_environment(project.root)
    used = sorted(set(_targets(project)))
    recipe = installation.recipe()
    wheel = []
    if installation.is_packed():
        wheel = ["--wheel", str(installation.make_wheel(project.root / TOOLS_FOLDER))]
    locks = [f"--lock={name}" for name in used if (recipe / "locks" / f"{name}.txt").exists()]
    _run(recipe, project, report, [*wheel, *locks])
    known = targets.registered()
    plugins = sorted({f"{plugin}-plugin" for name in used for plugin in known[name].plugins})
    for plugin in plugins:
        if (recipe / "toolchain" / plugin).is_dir():
            _run(recipe, project, report, ["--only", plugin])
    report.document({"project": str(project.root), "targets": used})


def _targets(project: Project) -> Iterator[str]:
    folder = project.root / STACKS_FOLDER
    for name in stack_file.names(folder):
        yield stack_file.load(folder, name, targets=targets.registered()).target


def _run(recipe: Path, project: Project, report: Report, options: list[str]) -> None:
    """Run a part of the recipe; its lines of progress are reported as they come."""
    # -B: the recipe may be a part of an installed package, which stays as it is.
    program = [sys.executable, "-B", str(recipe / "toolchain" / "setup.py")]
    end: list[str] = []
    with subprocess.Popen(
        [*program, "--root", str(project.root), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        for line in process.stdout or ():
            text = line.rstrip("\n")
            if end or text.startswith(_END):
                end.append(text)
            else:
                report.say(text)
    message = "\n".join(end)
    if process.returncode != 0:
        raise PilothouseError(message or f"the set-up exited with code {process.returncode}")
    report.say(message)
