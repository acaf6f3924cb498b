"""The commands by which a team decides: stacks side by side, and what people note."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from pilothouse.cli.options import HERE, Folder, Json
from pilothouse.cli.session import reported, today
from pilothouse.errors import Refused, shown
from pilothouse.lifecycle import commands


def compare(
    stacks: Annotated[list[str], typer.Argument(metavar="STACK...", help="The stacks.")],
    project: Folder = HERE,
    as_json: Json = False,
    rate: Annotated[
        float, typer.Option("--rate", min=0, help="US dollars for an hour of your people.")
    ] = 0,
    hours: Annotated[
        list[str] | None,
        typer.Option(
            "--hours",
            metavar="STACK=HOURS",
            help="Hours of operations a month on a stack; can be given several times.",
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html", metavar="FILE", help="Write a page with all of it, which needs no network."
        ),
    ] = None,
    needs: Annotated[
        Path | None,
        typer.Option(
            "--needs",
            metavar="FILE",
            help="What the team needs; the project's needs.yaml by default, if there is one.",
        ),
    ] = None,
) -> None:
    """Show stacks side by side: what was measured, what a month costs, what years cost.

    What commands measured is in the project's records, also after a `down`. Without --rate no hour
    of people is counted; nothing is weighed, and no stack is ranked.
    """
    with reported(as_json) as report:
        commands.compare.run(
            project,
            stacks,
            report,
            today(),
            rate=Decimal(str(rate)),
            hours=dict(map(_hours_of, hours or ())),
            html=html,
            needs=needs,
        )


def note(
    stack: Annotated[str, typer.Argument(metavar="STACK", help="The stack.")],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to remember.")],
    project: Folder = HERE,
    as_json: Json = False,
    hours: Annotated[float, typer.Option("--hours", min=0, help="The hours that it took.")] = 0,
) -> None:
    """Note what no command can measure in a stack's records, such as hours of people."""
    with reported(as_json) as report:
        commands.compare.note(project, stack, text, hours, report)


def _hours_of(text: str) -> tuple[str, Decimal]:
    stack, _, number = text.partition("=")
    try:
        hours = Decimal(number)
    except InvalidOperation:
        hours = Decimal(-1)
    if not stack or not hours.is_finite() or hours < 0:
        raise Refused(f"--hours is {shown(text)}; write STACK=HOURS, such as pilot=12")
    return stack, hours
