"""Writing a stack down: what its program asks for, as files in a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pilothouse import targets
from pilothouse.errors import PilothouseError
from pilothouse.lifecycle.rendering.output_folder import NotOurs, RenderedFolder
from pilothouse.targets.interface import Renderer, Rendering

if TYPE_CHECKING:
    from pilothouse.plan import Plan


class NothingToRender(PilothouseError):
    """The stack's target makes nothing that could be written down."""

    exit_code = 2


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """What was written where, and which of its files are new, changed or gone."""

    folder: Path
    rendering: Rendering
    changed: list[str]


def render(plan: Plan, folder: Path, *, generate_secrets: bool, force: bool) -> Rendered:
    """Write the objects of a stack into `folder`; nothing is written where anything goes wrong.

    With `generate_secrets`, those of an earlier rendering there are kept. Raises NothingToRender,
    and NotOurs for a folder with something in it that would be lost, unless `force` is given.
    """
    renderer, place = _renderer(plan), RenderedFolder(folder)
    known = place.earlier.secrets if place.earlier else None
    rendering = renderer(lambda: _make(plan), (known or {}) if generate_secrets else None)
    objections = place.objections(plan.stack, rendering.files, secret=generate_secrets)
    if objections and not force:
        remedy = "name another folder, or say --force: files of a rendering's names are replaced, "
        remedy += "others stay"
        raise NotOurs("\n".join([f"{folder} is left as it is:", *objections, remedy]))
    try:
        changed = place.write(plan.stack, rendering.files, rendering.secrets)
    except OSError as error:
        raise PilothouseError(f"{folder} can't be written to: {error}") from error
    return Rendered(folder=place.path, rendering=rendering, changed=changed)


def _renderer(plan: Plan) -> Renderer:
    known = targets.offering("renderer")
    if plan.target not in known:
        message = f"stack {plan.stack} is on target {plan.target}, which has nothing to render"
        raise NothingToRender(f"{message}: name a stack on {' or '.join(known)}")
    renderer: Renderer = targets.load(plan.target, "renderer")
    return renderer


def _make(plan: Plan) -> None:
    """The program of infra/, without its outputs."""
    from pilothouse.program.platform import Platform

    Platform(plan.platform.name, plan)
