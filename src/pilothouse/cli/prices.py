"""The commands on the price book, which need no stack."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pilothouse.cli.options import Json
from pilothouse.cli.session import reported, today
from pilothouse.lifecycle import commands

app = typer.Typer(no_args_is_help=True, help="The book of list prices of cloud services.")


def show(
    words: Annotated[
        list[str], typer.Argument(metavar="WORD...", help="In the price's name or description.")
    ],
    as_json: Json = False,
) -> None:
    """Show the prices that have all words, each with its date, its source and how sure it is."""
    with reported(as_json) as report:
        commands.prices.show(report, words)


def bill(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A YAML file of lines.")],
    as_json: Json = False,
) -> None:
    """Price the lines of a file: services, SKUs and quantities, for a region of a provider."""
    with reported(as_json) as report:
        commands.prices.bill(report, file)


def refresh(
    folder: Annotated[
        Path, typer.Option("--to", metavar="FOLDER", help="The folder of the new snapshot.")
    ],
    providers: Annotated[
        list[str] | None, typer.Option("--provider", help="Only this one's; aws or azure.")
    ] = None,
    services: Annotated[
        list[str] | None, typer.Option("--service", help="Only this one's, such as mwaa.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Ask the open price lists of AWS and Azure, and write a new snapshot of the book.

    No account is used. A price that a list contradicts becomes the list's, with the earlier one
    beside it as a conflict; read the differences before you use it. Google Cloud's list needs a
    key, and Databricks has none: their rows stay as they are.
    """
    with reported(as_json) as report:
        commands.prices.refresh(report, folder, today(), providers or (), services or ())


app.command(epilog="Example: pilothouse prices show mwaa eu-west-1")(show)
app.command(epilog="Example: pilothouse prices bill bill.yaml --json")(bill)
app.command(epilog="Example: pilothouse prices refresh --to prices --service mwaa")(refresh)
