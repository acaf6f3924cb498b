"""What the team's DAGs import, for a stack: locked before anything changes, then delivered."""

from __future__ import annotations

from pilothouse.config import airflow_requirements
from pilothouse.contract import Contract
from pilothouse.lifecycle.report import Report
from pilothouse.lifecycle.stack import Stack
from pilothouse.services.airflow import requirements


def resolve(stack: Stack, report: Report) -> None:
    """Bring `airflow.lock` to the project's requirements, where the target reads it.

    Nothing that runs changes. Raises InvalidInput where the requirements are wrong, or do not go
    together with Airflow's own.
    """
    project, platform = stack.project.root, stack.plan.platform
    if not _is_asked(stack) or requirements.is_resolved(project, platform):
        return
    with report.working("locking what DAGs require"):
        requirements.resolve(project, platform)
    report.say(f"{requirements.TEAM_LOCK} is written: commit it with the project")


def warn_if_unresolved(stack: Stack, report: Report) -> None:
    """Say what a preview does not show while `airflow.lock` is not what is required."""
    project, platform = stack.project.root, stack.plan.platform
    if _is_asked(stack) and not requirements.is_resolved(project, platform):
        lock = requirements.TEAM_LOCK
        written = f"{lock} does not lock what DAGs require now: `up` writes it before it changes"
        report.warnings([f"{written} Airflow, which this preview does not show"])


def deliver(stack: Stack, contract: Contract, report: Report) -> None:
    """Give Airflow the packages where the engine did not; the contract is accessible from here."""
    if _is_asked(stack) and (said := stack.operations.deliver_airflow_requirements(contract)):
        report.say(said)


def _is_asked(stack: Stack) -> bool:
    named = airflow_requirements.find(stack.project.root, stack.plan.platform)
    return bool(named) and stack.operations.reads_airflow_lock
