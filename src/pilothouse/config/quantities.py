"""Quantities: CPU and memory as whole numbers of a fixed unit, and times."""

import math
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer

from pilothouse.config.section import rule
from pilothouse.config.validation import refusal
from pilothouse.errors import shown

_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]+)?)([a-zA-Z]{0,2})")
_CPU: Mapping[str, Fraction] = {"": Fraction(1000), "m": Fraction(1)}
_MEMORY: Mapping[str, Fraction] = {
    suffix: Fraction(base**power, 2**20)
    for base, suffixes in ((1000, ("", "k", "M", "G", "T")), (1024, ("", "Ki", "Mi", "Gi", "Ti")))
    for power, suffix in enumerate(suffixes)
}
MINIMUM_MEMORY = 4  # MiB; a bare number is bytes, which nobody means
_CPU_RULE = "cores such as 2, 0.5 or 250m"
_MEMORY_RULE = f"bytes such as 512Mi or 2Gi, at least {MINIMUM_MEMORY}Mi"


def _parse(value: object, units: Mapping[str, Fraction], least: int, remedy: str) -> int:
    text = str(value) if isinstance(value, int | float | str) else ""
    quantity = _QUANTITY.fullmatch(text)
    if quantity and quantity[2] in units and not isinstance(value, bool):
        amount = math.ceil(Fraction(quantity[1]) * units[quantity[2]])
        if amount >= least:
            return amount
    raise refusal(found=shown(value), remedy=f"write {remedy}")


def parse_cpu(value: object) -> int:
    """The millicores of a quantity such as 250m or 0.5; a pydantic error for what is none."""
    return _parse(value, _CPU, 1, _CPU_RULE)


def parse_memory(value: object) -> int:
    """The MiB of a quantity such as 512Mi or 2Gi; a pydantic error for what is none."""
    return _parse(value, _MEMORY, MINIMUM_MEMORY, _MEMORY_RULE)


Cpu = Annotated[
    int,
    BeforeValidator(parse_cpu, json_schema_input_type=float | str),
    PlainSerializer(lambda cpu: f"{cpu}m", when_used="json"),
    Field(json_schema_extra=rule(_CPU_RULE)),
]
"""Thousandths of a core; written as such a text again."""
Memory = Annotated[
    int,
    BeforeValidator(parse_memory, json_schema_input_type=float | str),
    PlainSerializer(lambda memory: f"{memory}Mi", when_used="json"),
    Field(json_schema_extra=rule(_MEMORY_RULE)),
]
"""MiB, rounded up; written as such a text again."""
Duration = Annotated[
    str,
    Field(pattern=r"^[1-9][0-9]{0,5}(s|m|h)$", json_schema_extra=rule("a time such as 60s or 5m")),
]
"""A time with its unit."""

_SECONDS = {"s": 1, "m": 60, "h": 3600}


def seconds_of(duration: str) -> int:
    """How many seconds a `Duration` has."""
    return int(duration[:-1]) * _SECONDS[duration[-1]]
