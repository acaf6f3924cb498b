"""The command that turns the needs of a team into a short list, and asks for them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from pilothouse.advice import catalogue, template
from pilothouse.advice.needs import FILE
from pilothouse.cli.options import HERE, Folder, Json
from pilothouse.cli.session import reported, today
from pilothouse.errors import InvalidInput, Refused
from pilothouse.lifecycle import commands


def advise(
    needs: Annotated[
        Path, typer.Argument(metavar="[FILE]", help="What the team needs.", show_default=True)
    ] = Path(FILE),
    project: Folder = HERE,
    as_json: Json = False,
    ask: Annotated[bool, typer.Option("--ask", help="Ask for the needs, and write FILE.")] = False,
    from_template: Annotated[
        bool, typer.Option("--template", help="Write FILE with defaults to edit, and stop there.")
    ] = False,
    write: Annotated[
        bool,
        typer.Option("--write", help="Write a stack's file for each option of the short list."),
    ] = False,
) -> None:
    """Show which platforms are worth a pilot for a team, why, and what would change that.

    Each need is for an option, against it, excludes it, or says nothing. The table has all of
    that with its weight, so the points can be counted; costs are from the price book. No file is
    overwritten.
    """
    with reported(as_json) as report:
        if ask and from_template:
            raise Refused("--ask and --template both write the file; choose one of them")
        if from_template:
            commands.advise.write_needs(needs, {}, report)
            report.say(f"next: edit it, then `pilothouse advise {needs}`")
            return
        if ask:
            commands.advise.write_needs(needs, _interview(needs), report)
        elif not needs.exists():
            raise Refused(
                f"{needs} does not exist; answer questions with `pilothouse advise --ask`, or edit "
                "what `pilothouse advise --template` writes"
            )
        commands.advise.run(needs, report, today(), project=project if write else None)


def _interview(file: Path) -> dict[str, Any]:
    """An answer to each question, asked until it is valid."""
    if not sys.stdin.isatty():
        raise Refused("stdin is not a terminal; edit what `pilothouse advise --template` writes")
    if file.exists():
        raise Refused(f"{file} exists already; edit it, or name another file")
    known = catalogue.load()
    return {
        question.key: typer.prompt(
            question.text + (f" ({', '.join(question.valid)})" if question.valid else ""),
            default=question.default,
            value_proc=_checked(partial(template.answer, known, question)),
            err=True,
        )
        for question in template.questions(known)
    }


def _checked(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    def value(answer: str) -> Any:
        try:
            return parse(answer)
        except (ValueError, InvalidInput) as error:
            raise typer.BadParameter(str(error)) from error

    return value
