"""The services' Python environments, created before any measurement and shared by both sides."""

from pathlib import Path

from testkit.support.stacks import ENVIRONMENTS

from bench.floor.layout import Environments
from bench.processes import log
from pilothouse.services import proof
from pilothouse.services.airflow import requirements
from pilothouse.targets.local.components.foundation import REQUIREMENTS
from pilothouse.targets.local.resources.environment import environment_path, install


def provide() -> Environments:
    """Create every environment and read it into the page cache, so that no side reads the disk."""
    log("environments: create missing ones, read all of them once")
    return Environments(
        services=_create("services", REQUIREMENTS / "services.txt"),
        mlflow=_create("mlflow", REQUIREMENTS / "mlflow.txt"),
        airflow=_create("airflow", requirements.LOCK),
        workload=_create("workload", proof.LOCK, proof.SOURCE),
    )


def _create(name: str, lock: Path, source: Path | None = None) -> Path:
    path = environment_path(ENVIRONMENTS, name, lock, source)
    install(path, lock, str(source) if source else None)
    for file in path.rglob("*"):
        if file.is_file():
            file.read_bytes()
    return path
