"""The instance types that SageMaker's jobs may run on, and what each of them has.

GPUs, cores and memory are those of AWS's pages on the instance families (2026); the pattern is that
of SageMaker's names, whose full list grows every month.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

TYPE = r"^ml\.[a-z][a-z0-9-]*\.(medium|large|([1-9][0-9]*)?xlarge)$"
BY_SIZE: Mapping[str, str] = {
    "small": "ml.m5.large",
    "medium": "ml.m5.xlarge",
    "large": "ml.m5.2xlarge",
}
"""The instance type of jobs without GPUs, by the platform's size."""

BY_GPUS: Mapping[int, str] = {1: "ml.g5.xlarge", 4: "ml.g5.12xlarge", 8: "ml.g5.48xlarge"}
"""The instance type of jobs with up to so many GPUs."""

_FAMILIES: Mapping[str, Mapping[str, int]] = {
    "g4dn": {"12xlarge": 4},
    "g5": {"12xlarge": 4, "24xlarge": 4, "48xlarge": 8},
    "g6": {"12xlarge": 4, "24xlarge": 4, "48xlarge": 8},
    "g6e": {"12xlarge": 4, "24xlarge": 4, "48xlarge": 8},
    "p3": {"2xlarge": 1, "8xlarge": 4, "16xlarge": 8},
    "p3dn": {"24xlarge": 8},
    "p4d": {"24xlarge": 8},
    "p4de": {"24xlarge": 8},
    "p5": {"4xlarge": 1, "48xlarge": 8},
    "p5e": {"48xlarge": 8},
    "p5en": {"48xlarge": 8},
}
"""GPUs by family and size; a size that is not named has one."""


def gpus(instance_type: str) -> int:
    """How many GPUs an instance type has; 0 for a family without any, or an unknown one."""
    family, size = re.split(r"\.", instance_type)[1:]
    return _FAMILIES[family].get(size, 1) if family in _FAMILIES else 0


def choose(size: str, wanted_gpus: int) -> str:
    """The instance type for a platform of `size` and for so many GPUs, at most 8."""
    if not wanted_gpus:
        return BY_SIZE[size]
    return next(name for most, name in sorted(BY_GPUS.items()) if wanted_gpus <= most)


@dataclass(frozen=True)
class Machine:
    """An instance type with its cores, its GiB of memory and its GPUs."""

    type: str
    cores: int
    memory: int
    gpus: int = 0


MACHINES: Sequence[Machine] = (
    Machine("ml.m5.large", 2, 8),
    Machine("ml.m5.xlarge", 4, 16),
    Machine("ml.m5.2xlarge", 8, 32),
    Machine("ml.m5.4xlarge", 16, 64),
    Machine("ml.m5.12xlarge", 48, 192),
    Machine("ml.m5.24xlarge", 96, 384),
    Machine("ml.g5.xlarge", 4, 16, 1),
    Machine("ml.g5.2xlarge", 8, 32, 1),
    Machine("ml.g5.4xlarge", 16, 64, 1),
    Machine("ml.g5.8xlarge", 32, 128, 1),
    Machine("ml.g5.16xlarge", 64, 256, 1),
    Machine("ml.g5.12xlarge", 48, 192, 4),
    Machine("ml.g5.24xlarge", 96, 384, 4),
    Machine("ml.g5.48xlarge", 192, 768, 8),
)
"""Those that are chosen for what a step asks for: without GPUs, then with; each by its price."""


def find_machine(cores: float, memory: float, wanted_gpus: int) -> Machine | None:
    """The cheapest machine with so many cores, GiB and GPUs; None where none of `MACHINES` has."""
    fitting = (
        machine
        for machine in MACHINES
        if machine.cores >= cores
        and machine.memory >= memory
        and machine.gpus >= wanted_gpus
        and bool(machine.gpus) == bool(wanted_gpus)
    )
    return next(fitting, None)
