"""MLflow's plugin for ARNs, which the team's package need not require to track its runs on AWS."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from pilothouse.packages import lock

if TYPE_CHECKING:
    from pilothouse.packages.package import Package

PLUGIN, CLIENTS = "sagemaker-mlflow", {"mlflow", "mlflow-skinny"}
LOCK = Path(__file__).parents[1] / "assets" / "requirements" / "workload.txt"


def addition(package: Package) -> str:
    """The plugin as the built-in workload has it locked; "" where the package needs none."""
    names = lock.names(package.requirements.read_text(encoding="utf-8"))
    if PLUGIN in names or not names & CLIENTS:
        return ""
    locked = re.search(
        rf"^{PLUGIN}==.*?(?=^\S|\Z)", LOCK.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    if locked is None:
        raise LookupError(f"{LOCK} does not lock {PLUGIN}")
    return locked[0]
