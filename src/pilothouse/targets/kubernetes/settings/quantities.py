"""Kubernetes' quantities of CPU and memory, as whole numbers of a fixed unit."""

import math
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated

from pydantic import BeforeValidator

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


def _parse(value: object, units: Mapping[str, Fraction], least: int, remedy: str) -> int:
    text = str(value) if isinstance(value, int | float | str) else ""
    quantity = _QUANTITY.fullmatch(text)
    if quantity and quantity[2] in units and not isinstance(value, bool):
        amount = math.ceil(Fraction(quantity[1]) * units[quantity[2]])
        if amount >= least:
            return amount
    raise refusal(found=shown(value), remedy=f"write {remedy}")


def _parse_cpu(value: object) -> int:
    return _parse(value, _CPU, 1, "cores such as 2, 0.5 or 250m")


def _parse_memory(value: object) -> int:
    least = f"at least {MINIMUM_MEMORY}Mi"
    return _parse(value, _MEMORY, MINIMUM_MEMORY, f"bytes such as 512Mi or 2Gi, {least}")


Cpu = Annotated[int, BeforeValidator(_parse_cpu)]
"""Thousandths of a core."""
Memory = Annotated[int, BeforeValidator(_parse_memory)]
"""MiB, rounded up."""
