"""The command line of pilothouse: arguments in, a report and an exit code out."""

from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Annotated

import typer

from pilothouse.cli import (
    advice,
    data,
    decision,
    files,
    life,
    pipelines,
    prices,
    project,
    use,
    workload,
)
from pilothouse.cli.session import INTERRUPTED

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
)
COMMANDS: Sequence[tuple[str, Callable[..., None], str]] = (
    ("init", project.init, "init churn --target local --owner ml-team@example.org"),
    ("setup", project.setup, "setup"),
    ("up", life.up, "up local --verify"),
    ("preview", life.preview, "preview local --refresh"),
    ("cost", life.cost, "cost local --json"),
    ("advise", advice.advise, "advise needs.yaml --write"),
    ("compare", decision.compare, "compare local pilot --rate 100"),
    ("note", decision.note, 'note pilot "upgrade of the cluster" --hours 2'),
    ("list", use.list_stacks, "list --json"),
    ("render", files.render, "render pilot manifests --generate-secrets"),
    ("lock", files.lock, "lock pilot --check"),
    ("ci", pipelines.ci, "ci github --stack pilot --at-expiry down"),
    ("verify", use.verify_stack, "verify local"),
    ("run", workload.run, "run local --param region=eu --follow"),
    ("runs", workload.runs, "runs local --limit 5"),
    ("status", use.status, "status local --show-secrets"),
    ("open", use.open_ports, "open pilot"),
    ("people", use.people, "people local --rotate ann@example.org"),
    ("logs", use.logs, "logs local airflow-scheduler --lines 200"),
    ("airflow", use.airflow, "airflow local -- pools list"),
    ("mlflow", use.mlflow, "mlflow local -- experiments search"),
    ("pause", life.pause, "pause pilot --yes"),
    ("resume", life.resume, "resume pilot"),
    ("down", life.down, "down local --keep-data"),
    ("restore", data.restore, "restore pilot --list"),
    ("gc", data.gc, "gc local --older-than 7d"),
    ("doctor", life.doctor, "doctor local"),
    ("env", use.env, "env local --clients"),
)
"""Each command by its name, with the arguments of an example, in the order of `--help`."""

for _name, _function, _example in COMMANDS:
    app.command(_name, epilog=f"Example: pilothouse {_example}")(_function)
app.add_typer(prices.app, name="prices")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"pilothouse {version('pilothouse')}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", is_eager=True, callback=_show_version),
    ] = False,
) -> None:
    pass


def main() -> None:
    """The entry point of the `pilothouse` program."""
    app()
