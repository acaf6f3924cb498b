"""A planted mistake, and what is needed to try those of a target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from testkit.planting.edits import Edit
from testkit.planting.places import PlaceNotFound

REPOSITORY = Path(__file__).parents[2]


class NotPlanted(ValueError):
    """The place of a mistake does not occur, or occurs more than once."""


@dataclass(frozen=True)
class Mistake:
    """An edit within one function, class or constant of a module.

    module: its dotted name. where: the qualified name in it, e.g. `Placement.template`.
    """

    name: str
    module: str
    where: str
    edit: Edit

    def file(self, project: Path) -> Path:
        """The module's file in a copy of the project."""
        path = project.joinpath("src", *self.module.split("."))
        return path / "__init__.py" if path.is_dir() else path.with_name(f"{path.name}.py")

    def apply(self, text: str) -> str:
        """The module's text with the mistake; NotPlanted if it has no unambiguous place."""
        try:
            return self.edit(text, self.where)
        except PlaceNotFound as error:
            raise NotPlanted(f"{self.name}: in {self.module}:{self.where}, {error}") from error


@dataclass(frozen=True)
class TextMistake:
    """In a file that is no Python, `new` stands where `old` should.

    path: from the root of the project.
    """

    name: str
    path: str
    old: str
    new: str

    def file(self, project: Path) -> Path:
        """The file in a copy of the project."""
        return project / self.path

    def apply(self, text: str) -> str:
        """The file's text with the mistake; NotPlanted if `old` is not there exactly once."""
        if (times := text.count(self.old)) != 1:
            raise NotPlanted(f"{self.name}: in {self.path}, {self.old} occurs {times} times")
        return text.replace(self.old, self.new)


AnyMistake = Mistake | TextMistake


def plant(mistake: AnyMistake, project: Path) -> None:
    """Make the mistake in a copy of the project; NotPlanted if it can't be made."""
    path = mistake.file(project)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise NotPlanted(f"{mistake.name}: {path} does not exist") from error
    path.write_text(mistake.apply(text), encoding="utf-8")


@dataclass(frozen=True, kw_only=True)
class Suite:
    """The mistakes in a target's code, and the tests that should notice them.

    rungs: pytest's arguments by the name of the rung, the cheapest first.
    """

    rungs: Mapping[str, Sequence[str]]
    mistakes: Sequence[AnyMistake]
