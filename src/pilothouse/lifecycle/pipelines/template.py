"""Templates of files that are full of dollars and braces: names are written as `@@{name}`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from string import Template
from textwrap import indent

_ALONE = re.compile(r"( *)@@\{(\w+)\}")


class _Line(Template):
    delimiter = "@@"


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with the value of each name; raises KeyError for a name that has none.

    A value whose name is alone on a line may have several lines, which are indented like the name.
    """
    return "".join(f"{line}\n" for line in _filled(text, values))


def _filled(text: str, values: Mapping[str, str]) -> Iterator[str]:
    for line in text.splitlines():
        if alone := _ALONE.fullmatch(line):
            yield from indent(values[alone[2]], alone[1]).splitlines()
        else:
            yield _Line(line).substitute(values)
