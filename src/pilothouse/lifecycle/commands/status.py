"""`pilothouse status`: services and consoles."""

from __future__ import annotations

from pilothouse.errors import PilothouseError
from pilothouse.lifecycle.report import Report, contract_document
from pilothouse.lifecycle.stack import Stack


def run(stack: Stack, report: Report, *, show_secrets: bool) -> None:
    """Report the services; PilothouseError where one is not running."""
    services = stack.operations.services()
    report.services(services)
    contract = stack.contract()
    report.where(contract, show_secrets=show_secrets)
    pilot = stack.plan.platform.pilot
    report.say(f"pilot until {pilot.expires}, at most ${pilot.monthly_budget:g} a month")
    report.document(
        {
            "services": [vars(service) for service in services],
            "expires": pilot.expires.isoformat(),
            **contract_document(contract, show_secrets=show_secrets),
        }
    )
    if not services:
        raise PilothouseError(f"no service is running; run `pilothouse up {stack.name}`")
    if failed := [service.name for service in services if service.state != "running"]:
        raise PilothouseError(f"not running: {', '.join(failed)}; run `pilothouse up {stack.name}`")
