"""The packages of Airflow's environment: the platform's own lock, and what the team's DAGs add."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pilothouse.config import airflow_requirements
from pilothouse.errors import InvalidInput
from pilothouse.packages import lock, uv

if TYPE_CHECKING:
    from pilothouse.config.platform_spec import Platform

LOCK = Path(__file__).with_suffix(".txt")
"""The lock of an Airflow without packages of a team."""
TEAM_LOCK = "airflow.lock"
"""The file of a project that locks what its DAGs import together with Airflow."""


def resolve(project: Path, platform: Platform) -> None:
    """Have `airflow.lock` lock what the platform's file requires now.

    Raises InvalidInput where the file is wrong, or where Airflow's own
    versions leave no solution.
    """
    file = airflow_requirements.find(project, platform)
    if file is None:
        return
    try:
        lock.extend(project / TEAM_LOCK, airflow_requirements.read(file), LOCK)
    except uv.UvFailed as error:
        problem = platform.problem(
            airflow_requirements.KEY,
            found=f"requirements that do not go together with Airflow's own: {error}",
            remedy=f"allow the versions that Airflow has, or remove what it has already: {file}",
        )
        raise InvalidInput([problem]) from error


def is_resolved(project: Path, platform: Platform) -> bool:
    """Whether the project needs no `airflow.lock`, or has that of its requirements."""
    file = airflow_requirements.find(project, platform)
    if file is None:
        return True
    return lock.is_extended(project / TEAM_LOCK, airflow_requirements.read(file), LOCK)


def lock_of(project: Path, platform: Platform, *, preview: bool) -> Path:
    """The lock of the whole environment of a project's Airflow.

    A `preview` makes do with Airflow's own where the project's is not resolved; otherwise that
    raises InvalidInput.
    """
    if airflow_requirements.find(project, platform) is None:
        return LOCK
    if is_resolved(project, platform):
        return project / TEAM_LOCK
    if preview:
        return LOCK
    found = f"requirements that {TEAM_LOCK} does not lock"
    remedy = f"run `pilothouse up` for the stack, which writes it, and commit {TEAM_LOCK}"
    raise InvalidInput([platform.problem(airflow_requirements.KEY, found=found, remedy=remedy)])


def additions(project: Path, platform: Platform) -> str:
    """The entries of `airflow.lock` that Airflow's own lock lacks; "" where nothing is required."""
    if airflow_requirements.find(project, platform) is None or not is_resolved(project, platform):
        return ""
    return lock.added(project / TEAM_LOCK, LOCK)
