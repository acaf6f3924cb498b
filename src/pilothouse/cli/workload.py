"""The commands on the runs of the team's package."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from pilothouse.cli.options import HERE, Folder, Json, StackName
from pilothouse.cli.session import INTERRUPTED, reported
from pilothouse.lifecycle import commands
from pilothouse.lifecycle.commands.run import Wanted
from pilothouse.lifecycle.records import record
from pilothouse.lifecycle.report import Report
from pilothouse.lifecycle.stack import Stack, open_plan


def run(
    stack: StackName = None,
    project: Folder = HERE,
    as_json: Json = False,
    step: Annotated[
        list[str] | None,
        typer.Option(
            "--step",
            metavar="STEP",
            help="Run this step only; can be given several times. All steps by default.",
        ),
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option(
            "--param",
            metavar="NAME=VALUE",
            help="A parameter in place of its default; can be given several times.",
        ),
    ] = None,
    inputs: Annotated[
        str,
        typer.Option(
            "--inputs", metavar="RUN", help="The run whose outputs the steps find as inputs."
        ),
    ] = "",
    follow: Annotated[
        bool,
        typer.Option("--follow", "-f", help="Show the steps and their logs until the run ends."),
    ] = False,
) -> None:
    """Run the team's package on a stack, as `workload` in platform.yaml says.

    The package is built and delivered as it is now; its steps are those of the last `up`. With
    --follow, exit code 1 if the run fails; Ctrl-C asks whether to cancel it.
    """
    with reported(as_json) as report:
        opened = Stack.open_as_set_up(project, stack)
        platform = open_plan(project, stack, today=None).platform
        wanted = Wanted(steps=step or (), parameters=param or (), inputs=inputs)
        with record.recording(opened.project, opened.plan, "start", report):
            name = commands.run.start(opened, platform, report, wanted)
        if follow:
            _follow(opened, report, name)


def _follow(stack: Stack, report: Report, name: str) -> None:
    try:
        with record.recording(stack.project, stack.plan, "run", report):
            commands.run.follow(stack, report, name)
    except KeyboardInterrupt:
        if sys.stdin.isatty() and typer.confirm(f"Cancel run {name}?"):
            commands.run.cancel(stack, report, name)
        else:
            report.say(f"run {name} goes on: pilothouse runs {stack.name}")
        raise typer.Exit(INTERRUPTED) from None


def runs(
    stack: StackName = None,
    project: Folder = HERE,
    as_json: Json = False,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=100, help="How many runs to show.")
    ] = 20,
) -> None:
    """List the newest runs of the team's package."""
    with reported(as_json) as report:
        commands.runs.run(Stack.open_as_set_up(project, stack), report, limit)
