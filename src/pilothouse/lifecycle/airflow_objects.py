"""Airflow's pools, variables and connections for a stack: checked first, then given to Airflow."""

from __future__ import annotations

from collections.abc import Mapping

from pilothouse.config import airflow_objects, team_objects
from pilothouse.config.airflow_objects import AirflowObjects
from pilothouse.contract import Contract
from pilothouse.errors import InvalidInput
from pilothouse.lifecycle.engine.state import StackState
from pilothouse.lifecycle.report import Report, plural
from pilothouse.lifecycle.stack import Stack
from pilothouse.services.airflow.objects import converge

NONE = AirflowObjects()
"""What Airflow is to have of a file that is gone."""


def check(stack: Stack, report: Report) -> AirflowObjects | None:
    """What the project's file asks for; None where there is none that counts.

    Warns of a file that does not count for the platform's engine. Raises InvalidInput for what is
    wrong with it, where the target cannot have it, and where a secret has no value.
    """
    platform = stack.plan.platform
    file = team_objects.find(stack.project.root, platform)
    if file is None:
        unused = stack.project.root / team_objects.DEFAULT
        if platform.engine("orchestration") != "airflow" and unused.is_file():
            report.warnings([f"{unused} is not used: orchestration.engine is not airflow"])
        return None
    objects = airflow_objects.load(file)
    if reason := stack.operations.why_no_airflow_objects():
        remedy = f"{reason}; or remove the file"
        raise InvalidInput([objects.problem((), found="objects of Airflow", remedy=remedy)])
    _require(stack, objects, _secrets(stack, objects))
    return objects


def of_earlier(stack: Stack, state: StackState) -> AirflowObjects | None:
    """NONE where an earlier `up` had a file, so that what it made goes; else None."""
    if stack.plan.platform.engine("orchestration") != "airflow":
        return None
    return NONE if (state.definition or {}).get("objects") else None


def deliver(stack: Stack, contract: Contract, report: Report, objects: AirflowObjects) -> None:
    """Make Airflow have the objects; the contract is accessible from here.

    Raises InvalidInput where a secret cannot be read, and where somebody else made an object of
    that name.
    """
    found = _secrets(stack, objects)
    secrets = {name: value for name, value in found.items() if value is not None}
    _require(stack, objects, secrets)
    outcome = converge(stack.clients.airflow(contract.orchestration), objects, secrets)
    report.say(f"Airflow: {_counted(outcome.written)} written, {_counted(outcome.removed)} removed")
    report.document(
        {"objects": {"file": objects.file, "written": outcome.written, "removed": outcome.removed}}
    )


def _secrets(stack: Stack, objects: AirflowObjects) -> Mapping[str, str | None]:
    names = list(objects.secrets)
    return stack.operations.secret_values(names) if names else {}


def _require(stack: Stack, objects: AirflowObjects, known: Mapping[str, str | None]) -> None:
    problems = [
        objects.problem(
            path,
            found=f"no value of {name} that can be read",
            remedy=stack.operations.secrets_remedy,
        )
        for name, path in objects.secrets.items()
        if name not in known
    ]
    if problems:
        raise InvalidInput(problems)


def _counted(counts: Mapping[str, int]) -> str:
    """Such as `2 pools, 1 connection`."""
    counted = (plural(count, kind.removesuffix("s")) for kind, count in counts.items())
    return ", ".join(counted) or "nothing"
