"""The commands that look at a running stack and use it."""

from __future__ import annotations

import shlex
import signal
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from pilothouse.cli.options import HERE, Folder, Json, Secrets, StackName
from pilothouse.cli.session import reported, today
from pilothouse.errors import Refused
from pilothouse.lifecycle import commands
from pilothouse.lifecycle.records import record
from pilothouse.lifecycle.stack import Stack

Named = Annotated[str, typer.Argument(metavar="STACK", help="The stack.")]
Words = Annotated[
    list[str] | None,
    typer.Argument(metavar="-- ARGUMENT...", help="The command's own arguments, after `--`."),
]


def list_stacks(project: Folder = HERE, as_json: Json = False) -> None:
    """List the project's stacks: those with a file, and those that are set up without one."""
    with reported(as_json) as report:
        commands.list_stacks.run(project, report)


def verify_stack(stack: StackName = None, project: Folder = HERE, as_json: Json = False) -> None:
    """Verify a stack: run the packaged workload on it, and find the run in every service.

    The run's token must be in the store, in the orchestrator's run, in MLflow's run and on the
    registered model's version.
    """
    with reported(as_json) as report:
        opened = Stack.open_as_set_up(project, stack)
        with record.recording(opened.project, opened.plan, "verify", report):
            commands.verify.run(opened, report)


def status(
    stack: StackName = None,
    project: Folder = HERE,
    as_json: Json = False,
    show_secrets: Secrets = False,
) -> None:
    """Show a stack's services, its consoles, and how to log in.

    Exit code 1 if a service is not running.
    """
    with reported(as_json) as report:
        opened = Stack.open_as_set_up(project, stack)
        commands.status.run(opened, report, today(), show_secrets=show_secrets)


def open_ports(
    stack: StackName = None,
    project: Folder = HERE,
    as_json: Json = False,
    show_secrets: Secrets = False,
) -> None:
    """Make a stack's consoles accessible on this machine, until Ctrl-C.

    Ports of 127.0.0.1 are forwarded to a stack in a cluster; one on this machine is accessible
    anyway.
    """
    with reported(as_json) as report:
        opened = Stack.open_as_set_up(project, stack)
        with suppress(KeyboardInterrupt):
            commands.open_ports.run(opened, report, show_secrets=show_secrets, wait=signal.pause)


def people(
    stack: StackName = None,
    project: Folder = HERE,
    as_json: Json = False,
    show_secrets: Secrets = False,
    rotate: Annotated[
        list[str] | None,
        typer.Option(
            "--rotate",
            metavar="E-MAIL",
            help="Give this person a new password; can be given several times.",
        ),
    ] = None,
) -> None:
    """Show the accounts of the people in `access.people`, or give them new passwords.

    A rotation is an `up`: other edits of the files take effect with it.
    """
    with reported(as_json) as report:
        if rotate:
            opened = Stack.open(project, stack, today=today())
            commands.people.rotate(opened, report, rotate, show_secrets=show_secrets)
        else:
            opened = Stack.open_as_set_up(project, stack)
            commands.people.run(opened, report, show_secrets=show_secrets)


def logs(
    stack: Annotated[str, typer.Argument(metavar="STACK", help="The stack.")],
    service: Annotated[
        str | None, typer.Argument(metavar="[SERVICE]", help="A service as `status` names it.")
    ] = None,
    project: Folder = HERE,
    as_json: Json = False,
    run: Annotated[
        str | None,
        typer.Option("--run", metavar="RUN", help="A run of the workload as `runs` names it."),
    ] = None,
    step: Annotated[
        list[str] | None,
        typer.Option("--step", metavar="STEP", help="Of a run, only this step."),
    ] = None,
    lines: Annotated[
        int, typer.Option("--lines", "-n", min=1, help="How many lines, from the end.")
    ] = 50,
) -> None:
    """Show the end of a service's log, or of what the steps of a run said."""
    with reported(as_json) as report:
        if (service is None) == (run is None):
            raise Refused("name a service, or a run with --run")
        opened = Stack.open_as_set_up(project, stack)
        if run:
            commands.runs.logs(opened, report, run, step or (), lines)
        elif service:
            commands.logs.run(opened, report, service, lines)


def airflow(stack: Named, arguments: Words = None, project: Folder = HERE) -> None:
    """Run Airflow's own command on a stack, with all rights; its exit code is this one's."""
    _run_command(project, stack, "airflow", arguments)


def mlflow(stack: Named, arguments: Words = None, project: Folder = HERE) -> None:
    """Run MLflow's own command as a client of a stack; its exit code is this one's."""
    _run_command(project, stack, "mlflow", arguments)


def _run_command(project: Path, stack: str, program: str, arguments: list[str] | None) -> None:
    with reported(as_json=False):
        opened = Stack.open_as_set_up(project, stack)
        code = commands.command_line.run(opened, program, arguments or ())
    raise typer.Exit(code)


def env(
    stack: StackName = None,
    project: Folder = HERE,
    as_json: Json = False,
    clients: Annotated[
        bool,
        typer.Option(
            "--clients", help="Also what clients of the running stack need. This shows secrets."
        ),
    ] = False,
) -> None:
    """Print the shell variables that raw `pulumi` needs: eval "$(pilothouse env)"."""
    with reported(as_json) as report:
        opened = (
            Stack.open_as_set_up(project, stack)
            if clients
            else Stack.open(project, stack, today=None)
        )
        variables = commands.env.variables(opened, clients=clients)
        report.document(variables)
        if not as_json:
            for name, value in variables.items():
                typer.echo(f"export {name}={shlex.quote(value)}")
