"""The services' Python environments, created before any measurement and shared by both sides."""

from pathlib import Path

from testkit.support.stacks import ENVIRONMENTS

from bench.floor.layout import Environments
from bench.processes import log
from pilothouse.targets.local.components.compute import WORKLOAD
from pilothouse.targets.local.components.foundation import REQUIREMENTS
from pilothouse.targets.local.resources.environment import environment_path, install


def provide() -> Environments:
    """Create every environment and read it into the page cache, so that no side reads the disk."""
    log("environments: create missing ones, read all of them once")
    return Environments(
        services=_create("services"),
        mlflow=_create("mlflow"),
        airflow=_create("airflow"),
        workload=_create("workload", WORKLOAD),
    )


def _create(name: str, source: Path | None = None) -> Path:
    lock = REQUIREMENTS / f"{name}.txt"
    path = environment_path(ENVIRONMENTS, name, lock, source)
    install(path, lock, str(source) if source else None)
    for file in path.rglob("*"):
        if file.is_file():
            file.read_bytes()
    return path
