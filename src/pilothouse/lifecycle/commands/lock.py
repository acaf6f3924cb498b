"""`pilothouse lock`: the digests of a stack's images, compared and written."""

from __future__ import annotations

from collections.abc import Sequence

from pilothouse.errors import PilothouseError
from pilothouse.lifecycle.images import lock
from pilothouse.lifecycle.images.lock import Locked
from pilothouse.lifecycle.report import Report, plural
from pilothouse.plan import Plan


def compare(plan: Plan, report: Report, *, check: bool) -> Sequence[Locked]:
    """The stack's images with their digests now.

    With `check`, raises PilothouseError where any differs from the lock file.
    """
    compared = lock.compare(plan)
    report.images(compared)
    if check:
        report.document({"images": [image.document() for image in compared]})
        if changed := lock.changed(compared):
            roles = ", ".join(f"{image.role} ({image.state})" for image in changed)
            raise PilothouseError(
                f"not as locked: {roles}; `pilothouse lock {plan.stack}` locks them"
            )
    return compared


def moved_roles(compared: Sequence[Locked]) -> str:
    """The roles whose tags have another digest than the one that was locked."""
    return ", ".join(image.role for image in compared if image.state == "moved")


def write(plan: Plan, report: Report, compared: Sequence[Locked]) -> None:
    """Write the lock file."""
    path = lock.write(plan, compared)
    count = plural(len(compared), "image")
    report.say(f"{count}, {len(lock.changed(compared))} changed in {path}")
    report.document({"file": str(path), "images": [image.document() for image in compared]})
