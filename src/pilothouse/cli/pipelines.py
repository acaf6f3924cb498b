"""The command that writes a pipeline for a CI system."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from pilothouse.cli.options import HERE, Folder, Json
from pilothouse.cli.session import reported
from pilothouse.lifecycle import commands
from pilothouse.lifecycle.pipelines.pipeline import AT_EXPIRY, Choices


def ci(
    system: Annotated[
        str, typer.Argument(metavar="SYSTEM", help="azure-devops, github or gitlab.")
    ],
    *,
    project: Folder = HERE,
    as_json: Json = False,
    stacks: Annotated[
        list[str] | None,
        typer.Option(
            "--stack",
            "-s",
            metavar="STACK",
            help="A stack; all by default. Can be given several times.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="The file; by default where the system reads it."
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a file that has another text.")
    ] = False,
    package: Annotated[
        str | None,
        typer.Option(
            "--package",
            metavar="PACKAGE",
            help="What the jobs install: a requirement, or the path or the address of a wheel; "
            "by default this version from a package index.",
        ),
    ] = None,
    branch: Annotated[
        str, typer.Option("--branch", help="The branch whose pushes change the stacks.")
    ] = "main",
    at_expiry: Annotated[
        str,
        typer.Option(
            "--at-expiry",
            metavar="|".join(AT_EXPIRY),
            help="What ends a stack after its pilot's last day: `down --keep-data`, `down` or "
            "`pause`.",
        ),
    ] = "keep-data",
) -> None:
    """Write a pipeline that previews changes, applies them, and ends a pilot that is over.

    A pull request gets a preview with its costs as a comment; a push to the branch an `up` with a
    proof, once somebody approved it; each night drift and the pilot's last day are checked. Says
    what is to be set up in the system. No file is overwritten without --force.
    """
    with reported(as_json) as report:
        own = version("pilothouse")
        choices = Choices(
            package=package or f"pilothouse=={own}",
            version=own,
            branch=branch,
            at_expiry=at_expiry,
        )
        commands.ci.run(project, system, stacks or (), choices, report, output=output, force=force)
