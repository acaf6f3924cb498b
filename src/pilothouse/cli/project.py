"""The commands that make a project."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from pilothouse.cli.options import HERE, Folder, Json
from pilothouse.cli.session import reported, today
from pilothouse.errors import InvalidInput
from pilothouse.lifecycle import commands
from pilothouse.lifecycle.new_project import answers
from pilothouse.lifecycle.new_project.answers import Answers

AnswerT = TypeVar("AnswerT")


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="[FOLDER]", help="The project's folder; this one by default.")
    ] = HERE,
    target: Annotated[
        list[str] | None,
        typer.Option(
            "--target",
            "-t",
            metavar="TARGET",
            help="Where a stack runs: local by default. Can be given several times.",
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="The platform's name; the folder's by default.")
    ] = None,
    owner: Annotated[
        str | None,
        typer.Option(
            "--owner", help="An e-mail address or a team's name; git's user.email by default."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a project: Pulumi.yaml, platform.yaml, a stack for each target, the Pulumi program.

    Asks in a terminal for what no option gives, and takes defaults elsewhere. No file is
    overwritten: where one is in the way, nothing is written.
    """
    with reported(as_json) as report:
        chosen = Answers(
            name=_answer("Name of the platform", name, answers.default_name(folder), _check_name),
            owner=_answer(
                "Owner (an e-mail address or a team's name)",
                owner,
                answers.default_owner(folder, today=today()),
                _check_owner,
            ),
            targets=_answer(
                f"Targets, by commas ({', '.join(answers.known_targets())})",
                ",".join(target) if target else None,
                answers.DEFAULT_TARGET,
                _check_targets,
            ),
            expires=answers.expiry(today()),
        )
        commands.init.run(folder, chosen, report)


def setup(project: Folder = HERE, as_json: Json = False) -> None:
    """Get what a project needs: its Python environment, pulumi, plugins of its stacks' targets.

    Everything goes into `.venv` and `.toolchain` of the project. A new enough pulumi on PATH is
    used; else the official release is downloaded, or built from pinned Go modules where that is not
    possible. Can be run again at any time: it only does what is missing.
    """
    with reported(as_json) as report:
        commands.setup.run(project, report)


def _answer(
    question: str, given: str | None, default: str, check: Callable[[str], AnswerT]
) -> AnswerT:
    """The checked value of an option, or of an answer in a terminal, or of the default."""
    if given is not None or not sys.stdin.isatty():
        return check(default if given is None else given)

    def checked(text: str) -> AnswerT:
        try:
            return check(text)
        except InvalidInput as error:
            raise typer.BadParameter(str(error)) from error

    answer: AnswerT = typer.prompt(question, default=default, value_proc=checked, err=True)
    return answer


def _check_name(text: str) -> str:
    return answers.check_name(text, today=today())


def _check_owner(text: str) -> str:
    return answers.check_owner(text, today=today())


def _check_targets(text: str) -> tuple[str, ...]:
    return answers.check_targets([name.strip() for name in text.split(",")])
