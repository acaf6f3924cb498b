"""What moto lacks, added from outside."""

from __future__ import annotations

import importlib
from functools import cache

MODULES = (
    "buckets", "budgets", "network", "permissions", "sagemaker", "domains", "pipelines", "mwaa",
)  # fmt: skip


@cache
def extend() -> None:
    """Add it all, once a process."""
    for name in MODULES:
        importlib.import_module(f"{__name__}.{name}").extend()
