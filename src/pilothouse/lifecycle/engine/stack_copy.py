"""A stack's file as the engine gets it: some of its commands write a salt into it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pilothouse.config import stack_file
from pilothouse.lifecycle.engine.project import Project
from pilothouse.program.load import STACKS_FOLDER


def source_of(project: Project, stack: str) -> Path:
    """The file of a stack."""
    return stack_file.path_of(project.root / STACKS_FOLDER, stack)


def make_copy(project: Project, stack: str) -> Path:
    """A new copy of a stack's file, which the engine may write."""
    source = source_of(project, stack)
    copy = stack_file.path_of(project.folder / STACKS_FOLDER, stack)
    copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A destroy needs nothing of the file, which may be gone.
    copy.write_bytes(source.read_bytes() if source.exists() else b"config: {}\n")
    return copy


@contextmanager
def unchanged(file: Path) -> Iterator[None]:
    """Put `file` back as it was."""
    before = file.read_bytes() if file.exists() else None
    try:
        yield
    finally:
        if before is None:
            file.unlink(missing_ok=True)
        elif file.read_bytes() != before:
            file.write_bytes(before)
