"""What is known of the environment's requirements before it is made, and what is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pilothouse.targets.aws.settings import team_files
from pilothouse.targets.interface import Check

if TYPE_CHECKING:
    from pilothouse.targets.aws.settings.target import AwsPlan

PUBLISHED = "https://raw.githubusercontent.com/apache/airflow"


def checks(plan: AwsPlan) -> Iterator[Check]:
    """The check of the requirements; none where the settings name none.

    Raises InvalidInput where MWAA or pip would refuse the files.
    """
    given, wanted = team_files.read(plan), plan.settings.orchestration
    if given.requirements is None:
        return
    name = f"{PUBLISHED}/constraints-{wanted.version}/constraints-{wanted.python}.txt"
    detail = f"valid, and not compared with Airflow's constraints: to have that, save {name} in "
    detail += "the project, and name it as `orchestration.constraints`"
    if given.constraints:
        detail = f"no pin contradicts {given.constraints.file}; packages that others need were "
        detail += "not resolved"
    yield Check(name="requirements", ok=True, detail=f"{given.requirements.file}: {detail}")
