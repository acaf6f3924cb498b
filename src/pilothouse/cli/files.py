"""The commands that write files, and touch nothing that runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pilothouse.cli.options import HERE, Folder, Json, StackName
from pilothouse.cli.session import confirm, reported, today
from pilothouse.lifecycle import commands
from pilothouse.lifecycle.stack import open_plan

if TYPE_CHECKING:
    pass


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
    with reported(as_json) as report:
        plan = open_plan(project, stack, today=today())
        commands.render.run(plan, report, folder, generate_secrets=generate_secrets, force=force)


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
    with reported(as_json) as report:
        plan = open_plan(project, stack, today=None)
        compared = commands.lock.compare(plan, report, check=check)
        if check:
            return
        if (moved := commands.lock.moved_roles(compared)) and not yes:
            confirm(f"Accept the new digests of {moved}?", "accept them")
        commands.lock.write(plan, report, compared)
