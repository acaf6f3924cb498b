"""The command line of pilothouse: arguments in, a report and an exit code out."""

from __future__ import annotations

import json
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from pilothouse.errors import PilothouseError, Refused
from pilothouse.lifecycle import commands
from pilothouse.lifecycle.report import Report

INTERRUPTED = 130
EXIT_CODES = (
    "Exit codes: 0 done; 1 failed; 2 refused, nothing was changed; 3 the platform was not proved; "
    "4 something is left after a teardown; 5 another process is at work on the stack; "
    f"{INTERRUPTED} interrupted."
)

app = typer.Typer(
    help="MLOps platform pilots as code: set a platform up, prove it, take it away, all of it.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

StackName = Annotated[
    str | None,
    typer.Argument(
        metavar="[STACK]",
        help="The stack of stacks/Pulumi.STACK.yaml; needed where there are several.",
    ),
]
Folder = Annotated[
    Path, typer.Option("--project", "-C", help="A folder in the project.", metavar="FOLDER")
]
Json = Annotated[
    bool,
    typer.Option(
        "--json", help="One JSON document on standard output, progress on standard error."
    ),
]
Secrets = Annotated[bool, typer.Option("--show-secrets", help="Show passwords.")]
HERE = Path()


@app.command()
def up(
    stack: StackName = None,
    project: Folder = HERE,
    as_json: Json = False,
    show_secrets: Secrets = False,
    verify: Annotated[bool, typer.Option("--verify", help="Prove it when it is up.")] = False,
) -> None:
    """Set a stack up, or heal it: like `pulumi up --refresh`, after a preflight.

    A second run changes nothing. A run that was killed is run again.
    """
    with _reported(as_json) as report:
        opened = commands.open_stack(project, stack, today=_today())
        commands.up(opened, report, show_secrets=show_secrets, and_verify=verify)


@app.command()
def preview(
    stack: StackName = None,
    project: Folder = HERE,
    as_json: Json = False,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Look at what really is there first.")
    ] = False,
    expect_no_changes: Annotated[
        bool, typer.Option("--expect-no-changes", help="Exit with 1 if anything would change.")
    ] = False,
) -> None:
    """Show what `up` would change, and change nothing."""
    with _reported(as_json) as report:
        opened = commands.open_stack(project, stack, today=_today())
        commands.preview(opened, report, refresh=refresh, expect_no_changes=expect_no_changes)


@app.command()
def render(
    stack: Annotated[str, typer.Argument(metavar="STACK", help="The stack.")],
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", help="A new or an empty folder, or one with an earlier rendering."
        ),
    ],
    project: Folder = HERE,
    as_json: Json = False,
    generate_secrets: Annotated[
        bool,
        typer.Option(
            "--generate-secrets", help="Put real secrets in the place of the placeholders."
        ),
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Replace what was changed; what is not ours stays."),
    ] = False,
) -> None:
    """Write a stack's objects as YAML, a file each, in the order in which they can be applied.

    Needs no engine, no cluster and no network, and gives the same files each time. Secrets are
    placeholders such as <storage/admin-secret>, unless they are asked for.
    """
    with _reported(as_json) as report:
        plan = commands.open_plan(project, stack, today=_today())
        commands.render(plan, report, folder, generate_secrets=generate_secrets, force=force)


@app.command()
def lock(
    stack: StackName = None,
    project: Folder = HERE,
    as_json: Json = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 if anything would change.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Take the new digests of tags that have moved.")
    ] = False,
) -> None:
    """Pin a stack's images: ask their registries which digest each tag has, and write it down.

    `stacks/images.STACK.lock.yaml` has them then, and what was tried is what runs. A tag that has
    moved since is shown, and taken over only if you say so.
    """
    with _reported(as_json) as report:
        plan = commands.open_plan(project, stack, today=None)
        compared = commands.compare_images(plan, report, check=check)
        if check:
            return
        if (moved := commands.moved(compared)) and not yes:
            _confirm(f"Run what the tags of {moved} lead to now?", "run what a moved tag leads to")
        commands.lock_images(plan, report, compared)


@app.command(name="verify")
def verify_stack(stack: StackName = None, project: Folder = HERE, as_json: Json = False) -> None:
    """Prove a stack: run the packaged workload on it and find this run everywhere.

    The run's token must be in the store, in the orchestrator's run, in MLflow's run and on the
    registered model's version.
    """
    with _reported(as_json) as report:
        commands.verify(commands.open_stack(project, stack, today=None), report)


@app.command()
def status(
    stack: StackName = None,
    project: Folder = HERE,
    as_json: Json = False,
    show_secrets: Secrets = False,
) -> None:
    """Show a stack's services, where to look, and how to log in.

    Exit code 1 if a service is not running.
    """
    with _reported(as_json) as report:
        opened = commands.open_stack(project, stack, today=None)
        commands.status(opened, report, show_secrets=show_secrets)


@app.command(name="open")
def open_ports(
    stack: StackName = None,
    project: Folder = HERE,
    as_json: Json = False,
    show_secrets: Secrets = False,
) -> None:
    """Make a stack's consoles reachable on this machine, until Ctrl-C.

    A stack in a cluster is reached through ports of 127.0.0.1 that are forwarded to it; one on
    this machine is reachable anyway.
    """
    with _reported(as_json) as report:
        opened = commands.open_stack(project, stack, today=None)
        with suppress(KeyboardInterrupt):
            commands.open_ports(opened, report, show_secrets=show_secrets, wait=signal.pause)


@app.command()
def logs(
    stack: Annotated[str, typer.Argument(metavar="STACK", help="The stack.")],
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="As `status` names it.")],
    project: Folder = HERE,
    as_json: Json = False,
    lines: Annotated[
        int, typer.Option("--lines", "-n", min=1, help="How many, from the end.")
    ] = 50,
) -> None:
    """Show the end of a service's log."""
    with _reported(as_json) as report:
        opened = commands.open_stack(project, stack, today=None)
        commands.logs(opened, report, service, lines)


@app.command()
def down(
    stack: StackName = None,
    project: Folder = HERE,
    as_json: Json = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    keep_data: Annotated[
        bool, typer.Option("--keep-data", help="Keep data and secrets for a later `up`.")
    ] = False,
) -> None:
    """Take a stack away, and prove that nothing of it is left.

    Shows what will go and asks first. Works on an expired pilot too.
    """
    with _reported(as_json) as report:
        opened = commands.open_stack(project, stack, today=None)
        commands.show_what_goes(opened, report, keep_data=keep_data)
        if not yes:
            _confirm(f"Take {opened.name} away?", "take it away")
        commands.down(opened, report, keep_data=keep_data)


@app.command()
def restore(
    stack: Annotated[str, typer.Argument(metavar="STACK", help="The stack.")],
    backup: Annotated[
        str | None,
        typer.Argument(metavar="[BACKUP]", help="As --list names it; the newest by default."),
    ] = None,
    project: Folder = HERE,
    as_json: Json = False,
    listed: Annotated[
        bool, typer.Option("--list", help="Name the backups, and change nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Put a stack's databases back to a backup.

    What writes to them stops for that, and runs that go on fail; objects in the store stay as
    they are. A run that was killed is run again.
    """
    with _reported(as_json) as report:
        opened = commands.open_stack(project, stack, today=None)
        if listed:
            report.document({"backups": commands.backups(opened, report)})
            return
        chosen = commands.backup_of(opened, report, backup)
        if not yes:
            _confirm(f"Put {opened.name} back to {chosen.name}?", "restore")
        commands.restore(opened, report, chosen)


@app.command()
def doctor(
    stack: StackName = None,
    project: Folder = HERE,
    as_json: Json = False,
    policy: Annotated[
        bool,
        typer.Option(
            "--policy", help="Print, as JSON, what whoever deploys must be allowed; check nothing."
        ),
    ] = False,
) -> None:
    """Check whether this machine can carry a stack. Exit code 2 if it can't."""
    with _reported(as_json) as report:
        if policy:
            found = commands.policies(commands.open_plan(project, stack, today=None))
            typer.echo(json.dumps({"policies": found}, indent=2))
            return
        commands.doctor(commands.open_stack(project, stack, today=None), report)


@app.command()
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
    with _reported(as_json) as report:
        variables = commands.variables(project, stack, clients=clients)
        report.document(variables)
        if not as_json:
            for name, value in variables.items():
                typer.echo(f"export {name}={shlex.quote(value)}")


def main() -> None:
    """The entry point of the `pilothouse` program."""
    app()


def _today() -> date:
    return datetime.now(UTC).date()


def _confirm(question: str, deed: str) -> None:
    if not sys.stdin.isatty():
        raise Refused(f"nobody is there to ask: say --yes to {deed}")
    if not typer.confirm(question):
        raise Refused("nothing was changed")


@contextmanager
def _reported(as_json: bool) -> Iterator[Report]:
    """Errors as messages with their exit codes; what is not foreseen shows its traceback."""
    report = Report(as_json=as_json)
    try:
        yield report
    except PilothouseError as error:
        report.error(error)
        raise typer.Exit(error.exit_code) from error
    except KeyboardInterrupt:
        report.say("interrupted: run the same command again, it goes on from there")
        raise typer.Exit(INTERRUPTED) from None
    finally:
        report.close()
