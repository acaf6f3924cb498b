"""A planted mistake, and what is needed to try those of a target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


class NotPlanted(ValueError):
    """The text that a mistake replaces is not in its file, or is there more than once."""


@dataclass(frozen=True)
class Mistake:
    """In `file`, below the suite's folder, stands `new` where `old` should."""

    name: str
    file: str
    old: str
    new: str

    def plant(self, folder: Path) -> None:
        """Make the mistake in the copy of the code at `folder`; NotPlanted where it can't be."""
        path = folder / self.file
        text = path.read_text(encoding="utf-8")
        if (times := text.count(self.old)) != 1:
            raise NotPlanted(f"{self.name}: {self.file} has this {times} times: {self.old}")
        path.write_text(text.replace(self.old, self.new), encoding="utf-8")


@dataclass(frozen=True, kw_only=True)
class Suite:
    """The mistakes in a target's code, and the tests that should notice them.

    folder: the code, from the root of the repository. rungs: pytest's arguments by the name of the
    rung, the cheapest first.
    """

    folder: str
    rungs: Mapping[str, Sequence[str]]
    mistakes: Sequence[Mistake]
