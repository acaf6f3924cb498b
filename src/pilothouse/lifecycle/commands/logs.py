"""`pilothouse logs`: the end of a service's log."""

from __future__ import annotations

from pilothouse.lifecycle.report import Report
from pilothouse.lifecycle.stack import Stack


def run(stack: Stack, report: Report, service: str, lines: int) -> None:
    """Report the last `lines` lines; PilothouseError for an unknown service."""
    found = list(stack.operations.logs(service, lines))
    if not report.as_json:
        for line in found:
            report.say(line)
    report.document({"service": service, "lines": found})
