"""The files of a new project, and how they are written: all of them, or none."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from importlib import resources
from pathlib import Path
from string import Template
from textwrap import indent

from pilothouse import targets
from pilothouse.config import stack_file
from pilothouse.errors import Refused
from pilothouse.lifecycle.engine.project import MARKER
from pilothouse.lifecycle.new_project.answers import DEFAULT_TARGET, Answers
from pilothouse.program.load import PLATFORM_FILE, STACKS_FOLDER

PROGRAM_FOLDER = "infra"
TEMPLATE_EXPIRES = date(2027, 12, 31)
ENVIRONMENT = ".venv"

_PROJECT = f"""\
name: $name
description: MLOps platform pilots as code
runtime:
  name: python
  options:
    virtualenv: {ENVIRONMENT}
main: {PROGRAM_FOLDER}
stackConfigDir: {STACKS_FOLDER}
"""
_PROGRAM = '''\
"""The Pulumi program: creates the platform of this stack, and exports its contract."""

from pilothouse import program

program.run()
'''
_IGNORED = f"{ENVIRONMENT}/\n.toolchain/\n.pilothouse/\n__pycache__/\n"

SAMPLE = Path("pipeline")
_SAMPLE_FILES: Mapping[str, Path] = {
    "pyproject.toml": SAMPLE / "pyproject.toml",
    "pipeline.py": SAMPLE / "src" / "pipeline" / "__init__.py",
    "test_pipeline.py": SAMPLE / "tests" / "test_pipeline.py",
}
_WORKLOAD = f"""\
# Your own package, which `pilothouse run` runs: its folder, and its steps.
workload:
  package: {SAMPLE}
  steps:
    - {{name: prepare, command: [pipeline, prepare]}}
    - {{name: train, command: [pipeline, train], needs: [prepare]}}
"""

LINK, _LINKED = Path(PROGRAM_FOLDER, ENVIRONMENT), Path("..", ENVIRONMENT)
"""Where Pulumi's own host of dynamic providers looks for the environment, and where that is."""

_TEMPLATE = """\
template:
  description: An MLOps platform pilot as code
  config:
    pilothouse:target:
      description: The target of the first stack
      default: local
"""

Files = Mapping[Path, str | Path]
"""The text of each file, or what a link points to, by paths in the project."""


def of_project(answers: Answers) -> Files:
    """The files of a project."""
    values = {"name": json.dumps(answers.name), "owner": json.dumps(answers.owner)}
    values["expires"] = answers.expires.isoformat()
    values["workload"] = _workload(answers)
    stacks = {
        stack_path(target): stack_text(target, targets.registered()[target].example_settings)
        for target in answers.targets
    }
    return {
        Path(MARKER): Template(_PROJECT).substitute(values),
        Path(PLATFORM_FILE): _filled(PLATFORM_FILE, values),
        **stacks,
        Path(PROGRAM_FOLDER, "__main__.py"): _PROGRAM,
        LINK: _LINKED,
        Path(".gitignore"): _IGNORED,
        **{path: _filled(f"sample/{name}.template", {}) for name, path in _SAMPLE_FILES.items()},
    }


def of_template() -> Files:
    """The files of a project as `pulumi new` takes them: no link, and its name is asked for.

    The pilot's last day is one that is far away, to be edited.
    """
    name = "${PROJECT}"
    answers = Answers(
        name=name, owner="ml-team", expires=TEMPLATE_EXPIRES, targets=(DEFAULT_TARGET,)
    )
    made = {path: content for path, content in of_project(answers).items() if path != LINK}
    for file in (Path(MARKER), Path(PLATFORM_FILE)):
        made[file] = str(made[file]).replace(json.dumps(name), name)
    made[Path(MARKER)] = f"{made[Path(MARKER)]}{_TEMPLATE}"
    return made


def link_environment(root: Path) -> None:
    """Make the link of a project that came without it, such as one by `pulumi new`."""
    link = root / LINK
    if link.parent.is_dir() and not os.path.lexists(link):
        link.symlink_to(_LINKED)


def _filled(name: str, values: Mapping[str, str]) -> str:
    """The text of a template beside this module."""
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return Template(text).substitute(values)


def _workload(answers: Answers) -> str:
    """The sample package as the workload; as a comment where a target does not run packages."""
    if any("workload" in targets.registered()[target].lacks for target in answers.targets):
        return "".join(f"# {line}\n" for line in _WORKLOAD.splitlines())
    return _WORKLOAD


def stack_path(stack: str) -> Path:
    """The path of a stack's file in the project."""
    return stack_file.path_of(Path(STACKS_FOLDER), stack)


def stack_text(target: str, settings: str) -> str:
    """A stack's file for a target; `settings` are the target's, as YAML, where there are any."""
    lines = f"config:\n  {stack_file.TARGET}: {target}\n"
    if settings:
        lines += f"  {stack_file.NAMESPACE}{target}:\n{indent(settings, '    ')}"
    return lines


def write(folder: Path, files: Files) -> None:
    """Write every file below `folder`, which is made where it is missing.

    Raises Refused where anything is in the way or the folder is not writable; then nothing is
    written.
    """
    if obstacles := list(dict.fromkeys(_obstacles(folder, files))):
        named = ", ".join(map(str, obstacles))
        raise Refused(
            f"nothing was written: {named} exists already; name another folder, or move it away"
            if len(obstacles) == 1
            else f"nothing was written: {named} exist already; name another folder, or move them "
            "away"
        )
    made: list[Path] = []
    try:
        for name, content in files.items():
            _write(folder / name, content, made)
    except OSError as error:
        _remove(made)
        message = f"nothing was written: {error.filename or folder}: {error.strerror}"
        raise Refused(f"{message}; name a folder in which files can be made") from error


def _obstacles(folder: Path, files: Files) -> Iterator[Path]:
    """What exists in the place of a file, or of a folder that is none."""
    if os.path.lexists(folder) and not folder.is_dir():
        yield folder
        return
    for name in files:
        if os.path.lexists(folder / name):
            yield name
        for parent in name.parents:
            if os.path.lexists(folder / parent) and not (folder / parent).is_dir():
                yield parent


def _write(path: Path, content: str | Path, made: list[Path]) -> None:
    """Make a file that does not exist; `made` gets it and the folders that were missing."""
    missing = [parent for parent in path.parents if not parent.exists()]
    for parent in reversed(missing):
        parent.mkdir()
        made.append(parent)
    if isinstance(content, Path):
        path.symlink_to(content)
        made.append(path)
        return
    with path.open("x", encoding="utf-8") as file:
        made.append(path)
        file.write(content)


def _remove(made: list[Path]) -> None:
    for path in reversed(made):
        with suppress(OSError):
            if path.is_dir() and not path.is_symlink():
                path.rmdir()
            else:
                path.unlink()
