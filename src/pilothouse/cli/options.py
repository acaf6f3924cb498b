"""The arguments and options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

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
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]
IfExpired = Annotated[
    bool,
    typer.Option(
        "--if-expired", help="Change nothing, and exit with 0, until the pilot's last day is over."
    ),
]
HERE = Path()
