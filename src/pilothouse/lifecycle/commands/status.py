"""`pilothouse status`: services and consoles."""

from __future__ import annotations

from datetime import date

from pilothouse.errors import PilothouseError
from pilothouse.lifecycle.commands import expiry
from pilothouse.lifecycle.engine.automation import remedy_for_unfinished
from pilothouse.lifecycle.report import Report, contract_document
from pilothouse.lifecycle.stack import Stack


def run(stack: Stack, report: Report, today: date, *, show_secrets: bool) -> None:
    """Report the services; PilothouseError where one is not running.

    Where the state's secrets are locked, raises SecretsLocked once all else is reported.
    """
    services = stack.operations.services()
    pilot = stack.plan.platform.pilot
    report.services(services)
    report.say(f"pilot until {pilot.expires}, at most ${pilot.monthly_budget:g} a month")
    report.document({"services": [vars(service) for service in services]})
    expiry.show(stack, report, today)
    contract = stack.contract()
    report.where(contract, show_secrets=show_secrets)
    report.document(contract_document(contract, show_secrets=show_secrets))
    if command := _unfinished_command(stack):
        raise PilothouseError(
            f"the last `{command}` did not finish; {remedy_for_unfinished(stack.name)}"
        )
    if not services:
        raise PilothouseError(f"no service is running; run `pilothouse up {stack.name}`")
    if failed := [service.name for service in services if service.state != "running"]:
        raise PilothouseError(f"not running: {', '.join(failed)}; run `pilothouse up {stack.name}`")


def _unfinished_command(stack: Stack) -> str:
    """The command whose run failed or was interrupted; a killed `up` is known by its journal."""
    return "up" if stack.journal.unfinished() is None else stack.engine.unfinished_command()
