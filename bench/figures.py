"""Figures, their goals, and the tables that they are shown in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HEAD = ("Figure", "Value", "Goal", "Reached")


@dataclass(frozen=True)
class Goal:
    """A limit: the figure is to be at most that, or `below` it."""

    limit: float
    word: str = "at most"

    def reached(self, value: float) -> bool:
        """Whether a figure, as it was measured and not as it is shown, keeps the limit."""
        return value < self.limit if self.word == "below" else value <= self.limit

    def __str__(self) -> str:
        return f"{self.word} {self.limit:g}"


@dataclass(frozen=True)
class Figure:
    """One thing that was measured; a ratio has no unit."""

    name: str
    value: float
    unit: str = ""
    goal: Goal | None = None

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """The row of a table."""
        goal, reached = "", ""
        if self.goal:
            goal = f"{self.goal} {self.unit}".strip()
            reached = "yes" if self.goal.reached(self.value) else "**no**"
        digits = 0 if self.unit in ("MiB", "m") else 2
        return self.name, f"{self.value:.{digits}f} {self.unit}".strip(), goal, reached


@dataclass(frozen=True)
class Part:
    """Figures that were measured together; `note` says how, `more` is a table of its own."""

    title: str
    note: str
    figures: Sequence[Figure]
    more: str = ""

    def __str__(self) -> str:
        rows = table([HEAD, *(figure.cells for figure in self.figures)])
        more = ["", self.more] if self.more else []
        return "\n".join([f"## {self.title}", "", self.note, "", rows, *more])


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows, the first of which is the head."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    head, *body = (_line(row, widths) for row in rows)
    rule = "|".join(["", *("-" * (width + 2) for width in widths), ""])
    return "\n".join([head, rule, *body])


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = (f" {cell:{width}} " for cell, width in zip(row, widths, strict=True))
    return "|".join(["", *cells, ""])
