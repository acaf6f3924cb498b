"""Mistakes planted in the program, one at a time, to see that the offline tests notice."""

from testkit.planting.edits import add, both, drop, insert, rename, replace, swap
from testkit.planting.mistakes import AnyMistake, Mistake, NotPlanted, Suite, TextMistake
from testkit.planting.places import (
    around,
    call,
    constant,
    expression,
    key,
    keyword,
    statement,
    value,
)

__all__ = [
    "AnyMistake",
    "Mistake",
    "NotPlanted",
    "Suite",
    "TextMistake",
    "add",
    "around",
    "both",
    "call",
    "constant",
    "drop",
    "expression",
    "insert",
    "key",
    "keyword",
    "rename",
    "replace",
    "statement",
    "swap",
    "value",
]
