"""The services' Python environments: made before anything is timed, and the same for both sides."""

from pathlib import Path

from testkit.support.stacks import ENVIRONMENTS

from bench.floor.layout import Environments
from bench.surroundings import tell
from pilothouse.targets.local.components.compute import WORKLOAD
from pilothouse.targets.local.components.foundation import REQUIREMENTS
from pilothouse.targets.local.resources.environment import environment_path, install


def provide() -> Environments:
    """Every environment, whole and in the page cache: neither side pays for a cold disk."""
    tell("environments: make what is missing, then read all of it once")
    return Environments(
        services=_made("services"),
        mlflow=_made("mlflow"),
        airflow=_made("airflow"),
        workload=_made("workload", WORKLOAD),
    )


def _made(name: str, source: Path | None = None) -> Path:
    lock = REQUIREMENTS / f"{name}.txt"
    path = environment_path(ENVIRONMENTS, name, lock, source)
    install(path, lock, str(source) if source else None)
    for file in path.rglob("*"):
        if file.is_file():
            file.read_bytes()
    return path
