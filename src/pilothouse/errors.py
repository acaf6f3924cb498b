"""The errors that a user sees, each with where it is and what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass


class PilothouseError(Exception):
    """An error with one clear message for the user; the CLI exits with `exit_code`."""

    exit_code = 1


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong in a file.

    `line` is 1-based, or None where the problem has no line. `key` is a dotted path such as
    `pilot.expires`. `found` never holds the value of a secret.
    """

    file: str
    key: str
    found: str
    remedy: str
    line: int | None = None

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        key = f"{self.key}: " if self.key else ""
        return f"{place}: {key}found {self.found}; {self.remedy}"


class InvalidInput(PilothouseError):
    """Input that is refused before anything is made: every problem found, in file order."""

    exit_code = 2

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
