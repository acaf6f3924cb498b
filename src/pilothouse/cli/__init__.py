"""The command line of pilothouse: arguments in, a report and an exit code out."""

import typer

from pilothouse.cli import data, files, life, project, use
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
    add_completion=False,
)
app.command()(project.init)
app.command()(project.setup)
app.command()(life.up)
app.command()(life.preview)
app.command("list")(use.list_stacks)
app.command()(files.render)
app.command()(files.lock)
app.command("verify")(use.verify_stack)
app.command()(use.status)
app.command("open")(use.open_ports)
app.command()(use.people)
app.command()(use.logs)
app.command()(life.down)
app.command()(data.restore)
app.command()(data.gc)
app.command()(life.doctor)
app.command()(use.env)


def main() -> None:
    """The entry point of the `pilothouse` program."""
    app()
