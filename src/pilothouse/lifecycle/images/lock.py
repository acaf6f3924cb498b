"""Locking a stack's images: which digest each tag has now, against what was locked before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pilothouse.config import image_lock_file
from pilothouse.lifecycle.images import registry_client
from pilothouse.lifecycle.optional_parts import load_part
from pilothouse.program.load import STACKS_FOLDER

if TYPE_CHECKING:
    from pilothouse.plan import Plan


@dataclass(frozen=True, kw_only=True)
class Locked:
    """One role's image: its reference with a digest now, and as it was locked before, or empty.

    `state` is `new` (this reference was not locked), `moved` (its tag has another digest now),
    `unchanged`, or `gone` (the stack does not lock it any more; `now` is empty).
    """

    role: str
    now: str
    before: str

    @property
    def state(self) -> Literal["new", "moved", "unchanged", "gone"]:
        """How it differs from what was locked."""
        if self.now == self.before:
            return "unchanged"
        if not self.now:
            return "gone"
        if not self.before:
            return "new"
        same_tag = _reference(self.now) == _reference(self.before)
        return "moved" if same_tag else "new"

    def document(self) -> dict[str, str]:
        """As JSON has it."""
        return {**vars(self), "state": self.state}


def compare(plan: Plan) -> list[Locked]:
    """Every image that the stack names by a tag, with the digest that its registry tells now.

    Those that the stack file names by a digest need no lock. Raises Refused where the target runs
    no images, and registry_client.ImageNotResolved with everything that has no digest.
    """
    images: Mapping[str, str] = load_part(plan, "images", lacking="runs no images")(plan)
    tagged = {role: image for role, image in images.items() if "@" not in image}
    digests = registry_client.digests(tagged.values())
    now = {role: f"{image}@{digests[image]}" for role, image in tagged.items()}
    before = plan.locked_images
    return [
        Locked(role=role, now=now.get(role, ""), before=before.get(role, ""))
        for role in sorted(now.keys() | before.keys())
    ]


def write(plan: Plan, compared: Sequence[Locked]) -> Path:
    """Lock what was compared; a file that says so already is not touched. Returns its path."""
    folder = plan.project / STACKS_FOLDER
    if changed(compared):
        image_lock_file.write(folder, plan.stack, _images(compared))
    return image_lock_file.path_of(folder, plan.stack)


def changed(compared: Sequence[Locked]) -> list[Locked]:
    """Those that differ from the lock file."""
    return [image for image in compared if image.state != "unchanged"]


def _images(compared: Sequence[Locked]) -> Mapping[str, str]:
    return {image.role: image.now for image in compared if image.now}


def _reference(pinned: str) -> str:
    return pinned.partition("@")[0]
