"""The commands that change what runs, and those that show or check it before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from pilothouse.cli.options import HERE, Folder, IfExpired, Json, Secrets, StackName, Yes
from pilothouse.cli.session import confirm, reported, today
from pilothouse.lifecycle import commands
from pilothouse.lifecycle.records import record
from pilothouse.lifecycle.stack import Stack, open_plan

if TYPE_CHECKING:
    from pilothouse.lifecycle.data_loss import DataLoss


def up(
    stack: StackName = None,
    project: Folder = HERE,
    as_json: Json = False,
    show_secrets: Secrets = False,
    verify: Annotated[bool, typer.Option("--verify", help="Verify it when it is up.")] = False,
    allow_data_loss: Annotated[
        bool,
        typer.Option(
            "--allow-data-loss",
            help="Delete or replace what holds data, if an edit causes that.",
        ),
    ] = False,
) -> None:
    """Set a stack up, or repair it: like `pulumi up --refresh`, after a preflight.

    A second run changes nothing. A run that was killed can be run again. Where an edit would delete
    or replace what holds data, it asks in a terminal, and otherwise changes nothing.
    """

    def accept_loss(losses: Sequence[DataLoss]) -> None:
        report.losses(losses)
        if losses and not allow_data_loss:
            confirm("Delete these data?", "delete these data", option="--allow-data-loss")

    with reported(as_json) as report:
        opened = Stack.open(project, stack, today=today())
        with record.recording(opened.project, opened.plan, "up", report):
            commands.up.run(
                opened,
                report,
                today(),
                show_secrets=show_secrets,
                and_verify=verify,
                accept_loss=accept_loss,
            )


def preview(
    stack: StackName = None,
    project: Folder = HERE,
    as_json: Json = False,
    refresh: Annotated[bool, typer.Option("--refresh", help="Refresh the state first.")] = False,
    expect_no_changes: Annotated[
        bool, typer.Option("--expect-no-changes", help="Exit with 1 if anything would change.")
    ] = False,
) -> None:
    """Show what `up` would change and what a month would cost, and change nothing."""
    with reported(as_json) as report:
        opened = Stack.open(project, stack, today=today())
        commands.preview.run(
            opened, report, today(), refresh=refresh, expect_no_changes=expect_no_changes
        )


def cost(stack: StackName = None, project: Folder = HERE, as_json: Json = False) -> None:
    """Show what a month would cost, line by line; no account and no network are used.

    What is billed while the platform exists is apart from what depends on use, which is assumed by
    the platform's size unless the stack file says it. What has no price is named, and never zero.
    """
    with reported(as_json) as report:
        commands.cost.run(Stack.open(project, stack, today=today()), report, today())


def pause(
    stack: StackName = None,
    project: Folder = HERE,
    as_json: Json = False,
    yes: Yes = False,
    if_expired: IfExpired = False,
) -> None:
    """Stop all that runs in a stack, and keep everything else; `resume` starts it again.

    Shows what would stop and what would still cost, and asks first. Runs that are under way fail.
    """
    with reported(as_json) as report:
        opened = Stack.open_as_set_up(project, stack)
        if if_expired and not commands.expiry.is_over(opened, report, today()):
            return
        commands.pause.show(opened, report, today())
        if not yes:
            confirm(f"Pause stack {opened.name}?", "pause the stack")
        with record.recording(opened.project, opened.plan, "pause", report):
            commands.pause.run(opened, report)


def resume(stack: StackName = None, project: Folder = HERE, as_json: Json = False) -> None:
    """Start again what `pause` or the end of the pilot stopped; like `up`, which may change more.

    Changes nothing, and ends with 2, where the files are not those of the last `up`.
    """
    with reported(as_json) as report:
        opened = Stack.open(project, stack, today=today())
        with record.recording(opened.project, opened.plan, "resume", report):
            commands.resume.run(opened, report)
            commands.expiry.show(opened, report, today())


def down(
    stack: StackName = None,
    project: Folder = HERE,
    as_json: Json = False,
    yes: Yes = False,
    keep_data: Annotated[
        bool, typer.Option("--keep-data", help="Keep data and secrets for a later `up`.")
    ] = False,
    if_expired: IfExpired = False,
) -> None:
    """Delete a stack, and prove that nothing of it is left.

    Shows what would be deleted and asks for confirmation first. Works on an expired pilot too.
    """
    with reported(as_json) as report:
        opened = Stack.open_as_set_up(project, stack)
        if if_expired and not commands.expiry.is_over(opened, report, today()):
            return
        state = commands.down.show(opened, report, keep_data=keep_data)
        if not yes:
            confirm(f"Delete stack {opened.name}?", "delete the stack")
            # another process may have run meanwhile
            state = commands.down.read(opened, report, keep_data=keep_data)
        with record.recording(opened.project, opened.plan, "down", report):
            commands.down.run(opened, report, state, keep_data=keep_data)


def doctor(
    stack: StackName = None,
    project: Folder = HERE,
    as_json: Json = False,
    policy: Annotated[
        bool,
        typer.Option(
            "--policy", help="Print the policies that the deployer needs, as JSON; check nothing."
        ),
    ] = False,
) -> None:
    """Check whether this machine and the target can run a stack. Exit code 2 if not."""
    with reported(as_json) as report:
        if policy:
            found = commands.doctor.policies(open_plan(project, stack, today=None))
            typer.echo(json.dumps({"policies": found}, indent=2))
            return
        commands.doctor.run(Stack.open(project, stack, today=None), report)
