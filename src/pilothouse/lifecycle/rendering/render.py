"""Rendering a stack: what its program asks for, as files in a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pilothouse.errors import PilothouseError, Refused
from pilothouse.lifecycle.optional_parts import load_part
from pilothouse.lifecycle.rendering.output_folder import RenderedFolder
from pilothouse.targets.interface import Renderer, Rendering

if TYPE_CHECKING:
    from pilothouse.plan import Plan


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """What was written where, and which of its files are new, changed or removed."""

    folder: Path
    rendering: Rendering
    changed: list[str]


def render(plan: Plan, folder: Path, *, generate_secrets: bool, force: bool) -> Rendered:
    """Write the objects of a stack into `folder`; nothing is written where anything goes wrong.

    With `generate_secrets`, those of an earlier rendering there are kept. Raises Refused where the
    target has nothing to render, and for a folder with something in it that would be lost, unless
    `force` is given.
    """
    renderer: Renderer = load_part(plan, "renderer", lacking="has nothing to render")
    output = RenderedFolder(folder)
    known = output.earlier.secrets if output.earlier else None
    rendering = renderer(lambda: _make(plan), (known or {}) if generate_secrets else None)
    objections = output.objections(plan.stack, rendering.files, secret=generate_secrets)
    if objections and not force:
        remedy = "name another folder, or pass --force: files of a rendering's names are replaced, "
        remedy += "others stay"
        raise Refused("\n".join([f"{folder} was not changed:", *objections, remedy]))
    try:
        changed = output.write(plan.stack, rendering.files, rendering.secrets)
    except OSError as error:
        raise PilothouseError(f"{folder} can't be written to: {error}") from error
    return Rendered(folder=output.path, rendering=rendering, changed=changed)


def _make(plan: Plan) -> None:
    """The program of infra/, without its outputs."""
    from pilothouse.program.platform import Platform

    Platform(plan.platform.name, plan)
