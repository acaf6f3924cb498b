"""The command line of pilothouse: arguments in, a report and an exit code out."""

from __future__ import annotations

import json
import shlex
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pilothouse.errors import PilothouseError, Refused
from pilothouse.lifecycle import commands
from pilothouse.lifecycle.engine.interrupts import Interrupts
from pilothouse.lifecycle.report import Report
from pilothouse.lifecycle.stack import Stack, open_plan

if TYPE_CHECKING:
    from pilothouse.lifecycle.data_loss import DataLoss

INTERRUPTED = 130
EXIT_CODES = (
    "Exit codes: 0 done; 1 failed; 2 refused, nothing was changed; 3 the platform was not proved; "
    "4 something is left after a teardown; 5 another process is at work on the stack; "
    f"{INTERRUPTED} interrupted."
)

app = typer.Typer(
    help="MLOps platform pilots as code: set a platform up, verify it, delete it completely.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

StackName = Annotated[
    str | None,
    typer.Argument(
        metavar="[STACK]",
        help="The stack of stacks/Pulumi.STACK.yaml; required if there are several.",
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
            _confirm("Delete these data?", "delete these data", option="--allow-data-loss")

    with _reported(as_json) as report:
        opened = Stack.open(project, stack, today=_today())
        commands.up.run(
            opened,
            report,
            show_secrets=show_secrets,
            and_verify=verify,
            accept_loss=accept_loss,
        )


@app.command()
def preview(
    stack: StackName = None,
    project: Folder = HERE,
    as_json: Json = False,
    refresh: Annotated[bool, typer.Option("--refresh", help="Refresh the state first.")] = False,
    expect_no_changes: Annotated[
        bool, typer.Option("--expect-no-changes", help="Exit with 1 if anything would change.")
    ] = False,
) -> None:
    """Show what `up` would change, and change nothing."""
    with _reported(as_json) as report:
        opened = Stack.open(project, stack, today=_today())
        commands.preview.run(opened, report, refresh=refresh, expect_no_changes=expect_no_changes)


@app.command(name="list")
def list_stacks(project: Folder = HERE, as_json: Json = False) -> None:
    """List the project's stacks: those with a file, and those that are set up without one."""
    with _reported(as_json) as report:
        commands.list_stacks.run(project, report)


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
        typer.Option("--generate-secrets", help="Generate real secrets instead of placeholders."),
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Replace changed files of a rendering; other files stay."),
    ] = False,
) -> None:
    """Render a stack's objects as YAML, one file an object, in the order of their creation.

    Needs no engine, no cluster and no network, and renders the same files each time. Secrets are
    placeholders such as <storage/admin-secret>, unless --generate-secrets is given.
    """
    with _reported(as_json) as report:
        plan = open_plan(project, stack, today=_today())
        commands.render.run(plan, report, folder, generate_secrets=generate_secrets, force=force)


@app.command()
def lock(
    stack: StackName = None,
    project: Folder = HERE,
    as_json: Json = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 if anything would change.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Accept the new digests of tags that have moved.")
    ] = False,
) -> None:
    """Pin a stack's images: look up the digest of each tag in its registry, and lock it.

    The digests are written to `stacks/images.STACK.lock.yaml`, so that what was tried is what runs.
    A tag that has moved since is shown, and its new digest is accepted only if you confirm it.
    """
    with _reported(as_json) as report:
        plan = open_plan(project, stack, today=None)
        compared = commands.lock.compare(plan, report, check=check)
        if check:
            return
        if (moved := commands.lock.moved_roles(compared)) and not yes:
            _confirm(f"Accept the new digests of {moved}?", "accept them")
        commands.lock.write(plan, report, compared)


@app.command(name="verify")
def verify_stack(stack: StackName = None, project: Folder = HERE, as_json: Json = False) -> None:
    """Verify a stack: run the packaged workload on it, and find the run in every service.

    The run's token must be in the store, in the orchestrator's run, in MLflow's run and on the
    registered model's version.
    """
    with _reported(as_json) as report:
        commands.verify.run(Stack.open_as_set_up(project, stack), report)


@app.command()
def status(
    stack: StackName = None,
    project: Folder = HERE,
    as_json: Json = False,
    show_secrets: Secrets = False,
) -> None:
    """Show a stack's services, its consoles, and how to log in.

    Exit code 1 if a service is not running.
    """
    with _reported(as_json) as report:
        opened = Stack.open_as_set_up(project, stack)
        commands.status.run(opened, report, show_secrets=show_secrets)


@app.command(name="open")
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
    with _reported(as_json) as report:
        opened = Stack.open_as_set_up(project, stack)
        with suppress(KeyboardInterrupt):
            commands.open_ports.run(opened, report, show_secrets=show_secrets, wait=signal.pause)


@app.command()
def logs(
    stack: Annotated[str, typer.Argument(metavar="STACK", help="The stack.")],
    service: Annotated[
        str, typer.Argument(metavar="SERVICE", help="A service as `status` names it.")
    ],
    project: Folder = HERE,
    as_json: Json = False,
    lines: Annotated[
        int, typer.Option("--lines", "-n", min=1, help="How many lines, from the end.")
    ] = 50,
) -> None:
    """Show the end of a service's log."""
    with _reported(as_json) as report:
        opened = Stack.open_as_set_up(project, stack)
        commands.logs.run(opened, report, service, lines)


@app.command()
def down(
    stack: StackName = None,
    project: Folder = HERE,
    as_json: Json = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    keep_data: Annotated[
        bool, typer.Option("--keep-data", help="Keep data and secrets for a later `up`.")
    ] = False,
) -> None:
    """Delete a stack, and prove that nothing of it is left.

    Shows what would be deleted and asks for confirmation first. Works on an expired pilot too.
    """
    with _reported(as_json) as report:
        opened = Stack.open_as_set_up(project, stack)
        state = commands.down.show(opened, report, keep_data=keep_data)
        if not yes:
            _confirm(f"Delete stack {opened.name}?", "delete the stack")
            # another process may have run meanwhile
            state = commands.down.read(opened, report, keep_data=keep_data)
        commands.down.run(opened, report, state, keep_data=keep_data)


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
        bool, typer.Option("--list", help="List the backups, and change nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
) -> None:
    """Restore a stack's databases from a backup.

    What writes to them is stopped meanwhile, and running jobs fail; objects in the store are not
    changed. A restore that was killed can be run again.
    """
    with _reported(as_json) as report:
        opened = Stack.open(project, stack, today=None if listed else _today())
        if listed:
            report.document({"backups": commands.restore.list_backups(opened, report)})
            return
        chosen = commands.restore.choose_backup(opened, report, backup)
        if not yes:
            _confirm(f"Restore {opened.name} from {chosen.name}?", "restore it")
        commands.restore.run(opened, report, chosen)


@app.command()
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
    with _reported(as_json) as report:
        if policy:
            found = commands.doctor.policies(open_plan(project, stack, today=None))
            typer.echo(json.dumps({"policies": found}, indent=2))
            return
        commands.doctor.run(Stack.open(project, stack, today=None), report)


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


def main() -> None:
    """The entry point of the `pilothouse` program."""
    app()


def _today() -> date:
    return datetime.now(UTC).date()


def _confirm(question: str, action: str, *, option: str = "--yes") -> None:
    if not sys.stdin.isatty():
        raise Refused(f"stdin is not a terminal; pass {option} to {action}")
    if not typer.confirm(question):
        raise Refused("nothing was changed")


@contextmanager
def _reported(as_json: bool) -> Iterator[Report]:
    """Errors as messages with their exit codes; an unexpected one shows its traceback."""
    report = Report(as_json=as_json)
    try:
        with Interrupts(report.say).handled():
            yield report
    except PilothouseError as error:
        report.error(error)
        raise typer.Exit(error.exit_code) from error
    except KeyboardInterrupt:
        report.say("interrupted: run the same command again, it continues from there")
        raise typer.Exit(INTERRUPTED) from None
    finally:
        report.close()
