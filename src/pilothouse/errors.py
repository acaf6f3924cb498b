"""The errors that a user sees, each with where it is and what to do about it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

SHOWN_PROBLEMS = 50
SHOWN_CHARACTERS = 60


class PilothouseError(Exception):
    """An error with one clear message for the user; the CLI exits with `exit_code`."""

    exit_code = 1


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong in a file.

    `file` is empty where the problem is in no file. `line` is 1-based, or None where the problem
    has no line. `key` is a dotted path such as `pilot.expires`. `found` never holds the value of
    a secret.
    """

    file: str
    key: str
    found: str
    remedy: str
    line: int | None = None

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        parts = [part for part in (place, self.key) if part]
        return ": ".join([*parts, f"found {self.found}; {self.remedy}"])


class Refused(PilothouseError):
    """The command was not carried out; nothing was changed."""

    exit_code = 2


class InvalidInput(PilothouseError):
    """Input that is refused before anything is made: every problem found, in file order.

    The message names the first `SHOWN_PROBLEMS` of them; `problems` has all.
    """

    exit_code = 2

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(
            sorted(problems, key=lambda problem: (problem.file, problem.line or 0))
        )
        lines = [str(problem) for problem in self.problems[:SHOWN_PROBLEMS]]
        if more := len(self.problems) - len(lines):
            lines.append(f"… and {more} more")
        super().__init__("\n".join(lines))


def shown(value: object) -> str:
    """`value` as a message shows it: short, on one line, in ASCII, and never a whole section."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return shortened(json.dumps(value, default=str))


def shortened(text: str) -> str:
    """`text`, cut where it is longer than a message bears."""
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"


def closest(word: str, valid: Iterable[str]) -> str:
    """The one of `valid` that `word` was probably meant to be, or an empty string."""
    if len(word) > SHOWN_CHARACTERS:
        return ""
    by_lower_case = {name.lower(): name for name in valid}
    guesses = get_close_matches(word.lower(), by_lower_case, n=1)
    return by_lower_case[guesses[0]] if guesses else ""


def one_of(word: object, valid: Iterable[str]) -> str:
    """A remedy that names what is valid, and what `word` was probably meant to be."""
    names = list(valid)
    guess = closest(word, names) if isinstance(word, str) else ""
    hint = f"did you mean {guess}? " if guess else ""
    return f"{hint}valid are: {', '.join(names)}"
